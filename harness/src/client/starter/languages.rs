//! The languages of adapters: what is written, how it is built and run. What is written is what lies in
//! `harness/examples/adapters/` and is tested there.

use clap::ValueEnum;

/// The language of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Python 3.9 or newer, no packages.
    Python,
    /// Node 18.17 or newer, no packages.
    Node,
    /// Go 1.19 or newer, no modules.
    Go,
    /// Java 17 or newer, no packages and no build tool.
    Java,
    /// C# for .NET 8 or newer, no packages.
    Dotnet,
    /// Ruby 3.0 or newer, no gems.
    Ruby,
    /// Rust, with reqwest and jsonwebtoken.
    Rust,
    /// bash with curl, jq and openssl.
    Bash,
}

/// The files of an adapter, and what is said about it.
pub(super) struct Starter {
    /// Paths in its folder, and what is in them; the first is the one to begin with.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// What makes a program of it, in its folder.
    pub(super) build: Option<&'static str>,
    /// What runs it, in its folder.
    pub(super) run: &'static str,
    pub(super) needs: &'static str,
    pub(super) yours: &'static str,
}

/// The files of a folder of `harness/examples/adapters/`.
macro_rules! files {
    ($folder:literal: $($file:literal),+) => {
        &[$(($file, include_str!(concat!("../../../examples/adapters/", $folder, "/", $file)))),+]
    };
}

impl Language {
    pub(super) fn starter(self) -> Starter {
        match self {
            Self::Python => Starter {
                files: files!("python": "adapter.py"),
                build: None,
                run: "python3 adapter.py",
                needs: "Python 3.9 or newer; no packages",
                yours: "`Client.get_token`, `Client.call` and `Client.list_all`",
            },
            Self::Node => Starter {
                files: files!("node": "adapter.mjs"),
                build: None,
                run: "node adapter.mjs",
                needs: "Node 18.17 or newer; no packages",
                yours: "`Client.getToken`, `Client.call` and `Client.listAll`",
            },
            Self::Go => Starter {
                files: files!("go": "client.go", "sign_in.go", "signing.go", "answer.go", "clock.go", "main.go", "go.mod"),
                build: Some("go build -o adapter ."),
                run: "./adapter",
                needs: "Go 1.19 or newer; no modules",
                yours: "`Client.Token`, `Client.Call` and `Client.ListAll`",
            },
            Self::Java => Starter {
                files: files!("java": "Adapter.java"),
                build: Some("javac -d . Adapter.java"),
                run: "java -cp . Adapter",
                needs: "a JDK, 17 or newer; no packages",
                yours: "`Client.token`, `Client.call` and `Client.listAll`",
            },
            Self::Dotnet => Starter {
                files: files!("dotnet": "Adapter.cs", "adapter.csproj"),
                build: Some("dotnet build -c Release -o build"),
                run: "dotnet build/adapter.dll",
                needs: "the SDK of .NET, 8 or newer; no packages",
                yours: "`Client.Token`, `Client.Call` and `Client.ListAll`",
            },
            Self::Ruby => Starter {
                files: files!("ruby": "adapter.rb"),
                build: None,
                run: "ruby adapter.rb",
                needs: "Ruby 3.0 or newer; no gems",
                yours: "`Client#token`, `Client#call` and `Client#list_all`",
            },
            Self::Rust => Starter {
                files: files!(
                    "rust": "src/client.rs", "src/sign_in.rs", "src/signing.rs", "src/wire.rs", "src/clock.rs",
                    "src/main.rs", "Cargo.toml", "Cargo.lock"
                ),
                build: Some("cargo build --locked"),
                run: "target/debug/adapter",
                needs: "Rust 1.90 or newer and a C compiler; its crates are those of `Cargo.lock`",
                yours: "`Client::token`, `Client::call` and `Client::list_all`",
            },
            Self::Bash => Starter {
                files: files!("bash": "adapter.sh"),
                build: None,
                run: "bash adapter.sh",
                needs: "bash, curl, jq and openssl",
                yours: "the functions above the loop that reads requests",
            },
        }
    }
}
