//! The command line of `orgtwin oin`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::manifest::USUAL;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct OinArgs {
    #[command(subcommand)]
    pub(super) command: Option<OinCommand>,
    /// What will be submitted; `orgtwin oin init` writes one to fill in.
    #[arg(long, value_name = "FILE", default_value = USUAL)]
    pub(super) manifest: PathBuf,
    /// The client, as `orgtwin test` takes it: stdio:PROGRAM, `stdio` with a program after `--`, http://…, exec:PROFILE, watch,
    /// builtin, builtin:MUTANT. Otherwise the manifest's; without any only the manifest is judged.
    #[arg(long, value_name = "CLIENT")]
    pub(super) client: Option<String>,
    /// Writes oin.html and oin.md there, beside the reports of the run.
    #[arg(long, value_name = "DIR", default_value = "oin-report")]
    pub(super) report_dir: PathBuf,
    /// Asks the addresses of the manifest whether they answer. Nothing else is asked of the network.
    #[arg(long)]
    pub(super) fetch: bool,
    /// Only scenarios whose tags fit; items that need others are not judged.
    #[arg(long, value_name = "EXPR")]
    pub(super) tags: Option<String>,
    /// Scenarios at a time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) jobs: Option<u16>,
    /// Shows the run as `orgtwin test` does.
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// The adapter's program and its arguments, for `--client stdio`.
    #[arg(last = true, value_name = "PROGRAM")]
    pub(super) program: Vec<String>,
}

#[derive(Subcommand)]
pub(super) enum OinCommand {
    /// Writes a manifest to fill in, with comments.
    Init {
        /// Where.
        #[arg(default_value = USUAL)]
        file: PathBuf,
    },
}
