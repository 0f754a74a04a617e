//! The features are compiled into the program (`suite/features.rs`): a change of one is a reason to build again.

fn main() {
    println!("cargo::rerun-if-changed=../features");
    println!("cargo::rerun-if-changed=build.rs");
}
