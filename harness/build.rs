//! The features (`suite/features.rs`) and the requirements (`requirements/read.rs`) are compiled into the program: a change
//! of one is a reason to build again.

fn main() {
    println!("cargo::rerun-if-changed=../features");
    println!("cargo::rerun-if-changed=../fixtures/requirements");
    println!("cargo::rerun-if-changed=build.rs");
}
