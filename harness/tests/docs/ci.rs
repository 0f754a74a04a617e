//! The recipes for CI: their commands exist, with their flags, and do what the page says. What fetches and builds the program is left out.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use crate::{
    install::missing,
    pages::{files, root, text},
    server::Server,
    support::orgtwin,
};

const GITHUB: [&str; 2] = ["examples/ci/github/integration-tests.yml", "examples/ci/github/conformance.yml"];
const GITLAB: &str = "examples/ci/gitlab/.gitlab-ci.yml";

fn recipe(file: &str) -> Value {
    serde_saphyr::from_str(&text(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The shell of a recipe: the steps of GitHub's jobs, or the lines of GitLab's.
fn commands(value: &Value, commands: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("run", Value::String(run)) => commands.push(run.clone()),
                    ("script" | "before_script", Value::Array(lines)) => {
                        commands.extend(lines.iter().map(|line| line.as_str().unwrap().to_owned()));
                    }
                    _ => self::commands(value, commands),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| self::commands(element, commands)),
        _ => {}
    }
}

/// The calls of the program in a piece of shell: each as its words, up to what belongs to the client or to the shell.
fn calls(shell: &str) -> Vec<Vec<String>> {
    let shell = shell.replace("\\\n", " ");
    let pieces = shell.split(['\n', ';', '|', '&', '\'']);
    let words = pieces.map(|piece| piece.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let calls = words.filter_map(|words| {
        let at = words.iter().position(|word| word == "orgtwin")?;
        let rest = words[at + 1..].iter().take_while(|word| *word != "--" && *word != ">");
        Some(rest.cloned().collect())
    });
    calls.collect()
}

#[test]
fn every_flag_of_the_recipes_exists() {
    let mut seen = BTreeSet::new();
    let recipes = [files("examples/ci", ".yml")].concat();
    assert_eq!(recipes.len(), 3, "{recipes:?}");
    for file in recipes {
        let mut shell = Vec::new();
        commands(&recipe(&file), &mut shell);
        for call in shell.iter().flat_map(|shell| calls(shell)) {
            let nested = if call[0] == "report" || call[0] == "baseline" { 2 } else { 1 };
            let mut asked: Vec<&str> = call[..nested].iter().map(String::as_str).collect();
            seen.insert(asked.join(" "));
            asked.push("--help");
            let help = orgtwin(&asked).output().unwrap();
            assert!(help.status.success(), "{file}: {call:?}");
            let help = String::from_utf8(help.stdout).unwrap();
            let known: BTreeSet<&str> =
                help.split([' ', '\n', ',', '=']).filter(|word| word.starts_with("--")).collect();
            for flag in call.iter().filter(|word| word.starts_with("--")) {
                assert!(known.contains(flag.as_str()), "{file}: `orgtwin {}` has no {flag}", asked[0]);
            }
        }
    }
    assert_eq!(seen, ["health", "report merge", "serve", "test"].map(str::to_owned).into());
}

/// A project that has these recipes: an adapter, a baseline, tests; and the program on its path, kept to a few scenarios.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, text).unwrap();
            let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(file, runs).unwrap();
        };
        write("adapter.py", &text("harness/examples/adapters/python/adapter.py"));
        write("known.toml", "");
        write(
            "ci/tests.sh",
            "#!/bin/sh\nset -eu\ncurl -sS --fail \"$MOCK_ORG/.well-known/openid-configuration\" -o seen.json\n",
        );
        let program = env!("CARGO_BIN_EXE_orgtwin");
        let chosen =
            ["PAGE-001", "PAGE-002", "TOK-001", "TOK-002"].map(|id| format!("--scenario {id}")).join(" ");
        // `serve` leaves its process id, so that it can be ended.
        write(
            "bin/orgtwin",
            &format!(
                "#!/bin/sh\ncase $1 in\ntest) shift; exec {program} test {chosen} \"$@\" ;;\nserve) echo $$ > \"$PIDS\" ;;\nesac\nexec {program} \"$@\"\n"
            ),
        );
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a piece of shell as a runner does.
    fn shell(&self, run: &str, variables: &[(String, String)]) -> Output {
        let path = format!("{}:{}", self.path().join("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-euc", run]).current_dir(self.path()).env("PATH", path);
        command.env_remove("GITHUB_ACTIONS").env_remove("RUST_LOG").env_remove("MOCK_ORG");
        command.env("PIDS", self.path().join("pid")).envs(variables.iter().cloned());
        command.output().unwrap()
    }

    fn runs(&self, run: &str, variables: &[(String, String)]) -> String {
        let output = self.shell(run, variables);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{run}: {out}{err}");
        out.into_owned()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(self.path().join("pid")) {
            let _ = Command::new("kill").arg(pid.trim()).output();
        }
    }
}

/// The steps of a job that are shell, but for the build.
fn steps(recipe: &Value, job: &str) -> Vec<String> {
    let steps = recipe["jobs"][job]["steps"].as_array().unwrap().iter();
    let mine = steps.filter(|step| step["name"] != "Build orgtwin");
    mine.filter_map(|step| step["run"].as_str()).map(str::to_owned).collect()
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn there(programs: &[&str]) -> bool {
    let lacks = programs.iter().find(|program| Command::new(program).arg("--version").output().is_err());
    lacks.map(|program| missing(&format!("there is no {program}"))).is_none()
}

fn variable(name: &str, value: impl AsRef<Path>) -> (String, String) {
    (name.to_owned(), value.as_ref().display().to_string())
}

#[test]
fn on_github_tests_run_beside_a_twin() {
    if !there(&["curl"]) {
        return;
    }
    let (project, port) = (Project::new(), free_port().to_string());
    let environment: PathBuf = project.path().join("environment");
    std::fs::write(&environment, "").unwrap();
    let mut variables = vec![variable("GITHUB_ENV", &environment), variable("RUNNER_TEMP", project.path())];
    for run in steps(&recipe(GITHUB[0]), "tests") {
        project.runs(&run.replace("8080", &port), &variables);
        let set = std::fs::read_to_string(&environment).unwrap();
        variables.extend(
            set.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| variable(name, value)),
        );
    }
    let seen = |file: &str| std::fs::read_to_string(project.path().join(file)).unwrap();
    assert!(seen("seen.json").contains(&format!("http://127.0.0.1:{port}")));
    assert!(seen("org.har").contains("/.well-known/openid-configuration"));
    assert!(seen("ready.json").contains("acmesync"));
}

#[test]
fn on_github_shards_are_put_together() {
    if !there(&["python3"]) {
        return;
    }
    let (project, recipe) = (Project::new(), recipe(GITHUB[1]));
    let summary = project.path().join("summary.md");
    let variables = [variable("GITHUB_ACTIONS", "true"), variable("GITHUB_STEP_SUMMARY", &summary)];
    for shard in recipe["jobs"]["shard"]["strategy"]["matrix"]["shard"].as_array().unwrap() {
        let shard = shard.to_string();
        for run in steps(&recipe, "shard") {
            project.runs(&run.replace("${{ matrix.shard }}", &shard), &variables);
        }
        // What uploading and downloading the artifacts does.
        std::fs::create_dir_all(project.path().join("shards")).unwrap();
        std::fs::rename(project.path().join("report"), project.path().join(format!("shards/shard-{shard}")))
            .unwrap();
    }
    std::fs::remove_file(&summary).unwrap();
    let out: String = steps(&recipe, "report").iter().map(|run| project.runs(run, &variables)).collect();
    assert!(out.contains("4 passed"), "{out}");
    assert!(std::fs::read_to_string(&summary).unwrap().contains("4 passed"));
    for report in ["report.html", "junit.xml", "results.ndjson"] {
        assert!(project.path().join("report").join(report).exists(), "{report}");
    }
    // A shard that is missing is no verdict.
    std::fs::remove_dir_all(project.path().join("shards/shard-2")).unwrap();
    let merge = &steps(&recipe, "report")[0];
    assert_eq!(project.shell(merge, &variables).status.code(), Some(2), "a stream that is not there");
    let two = merge.replace("shards/shard-2/results.ndjson ", "");
    assert_eq!(project.shell(&two, &variables).status.code(), Some(4));
}

#[test]
fn on_gitlab_the_twin_is_a_service_and_shards_are_put_together() {
    if !there(&["python3", "curl"]) {
        return;
    }
    let (project, recipe) = (Project::new(), recipe(GITLAB));
    let script = |job: &str| -> Vec<String> {
        let lines = recipe[job]["script"].as_array().unwrap().iter();
        lines.map(|line| line.as_str().unwrap().to_owned()).collect()
    };
    // The service, with the variables that the recipe gives it; here a process in the place of the image.
    let service = &recipe["integration tests"]["services"][0]["variables"];
    let text = |name: &str| service[name].as_str().unwrap();
    let server = Server::start(&[
        "--control-token",
        text("ORGTWIN_CONTROL_TOKEN"),
        "--host-name",
        text("ORGTWIN_HOST_NAME"),
    ]);
    let variables = [variable("MOCK_ORG", server.text("/base_url"))];
    script("integration tests").iter().for_each(|line| _ = project.runs(line, &variables));
    assert!(
        std::fs::read_to_string(project.path().join("seen.json")).unwrap().contains(server.text("/base_url"))
    );
    // By its name the control API is open to who has the token.
    let port = server.text("/base_url").rsplit(':').next().unwrap();
    let named = format!(
        "curl -sS --fail --resolve orgtwin:{port}:127.0.0.1 -H 'Authorization: Bearer {}' http://orgtwin:{port}/_mock/orgs",
        text("ORGTWIN_CONTROL_TOKEN")
    );
    assert!(project.runs(&named, &[]).contains("default"));

    let total = recipe["conformance"]["parallel"].to_string();
    for index in 1..=3 {
        let variables = [variable("CI_NODE_INDEX", index.to_string()), variable("CI_NODE_TOTAL", &total)];
        script("conformance").iter().for_each(|line| _ = project.runs(line, &variables));
        let junit = recipe["conformance"]["artifacts"]["reports"]["junit"].as_str().unwrap();
        let junit = junit.replace("$CI_NODE_INDEX", &index.to_string());
        assert!(project.path().join(&junit).exists(), "{junit}");
    }
    let out: String = script("report").iter().map(|line| project.runs(line, &[])).collect();
    assert!(out.contains("4 passed"), "{out}");
    assert!(root().join(GITLAB).exists());
}
