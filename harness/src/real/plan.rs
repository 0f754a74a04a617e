//! What a run would ask of a real org, before it asks.

use std::fmt::Write as _;

use super::{args::RealRun, gates, rules::PREFIX};
use crate::suite::select::Planned;

/// The plan, for a person to read.
pub(crate) fn plan(run: &RealRun, planned: &[Planned]) -> String {
    let host = run.target.host_str().unwrap_or_default();
    let kind = if gates::is_for_tests(host) {
        "an org for tests by its name"
    } else {
        "NOT an org for tests by its name"
    };
    let mut text = format!("target    {} ({kind})\n", run.target);
    let minutes = run.max_time.as_secs() / 60;
    let _ = writeln!(
        text,
        "limits    {} requests at most, one at a time, {minutes} minutes; the end at the first 429, or when half of a bucket is used",
        run.max_requests
    );
    let _ = writeln!(text, "\nThe harness itself:");
    let mut say = |words: &str| {
        let _ = writeln!(text, "  {words}");
    };
    for app in run.config.apps.iter().filter(|app| run.journal.is_some() || app.name != "manager") {
        say(&format!(
            "POST /oauth2/v1/token as apps.{} ({}), for {}",
            app.name,
            app.client_id,
            app.scopes.join(" ")
        ));
        say("GET  /api/v1/users?limit=1, GET /api/v1/groups?limit=1 with that token");
    }
    if run.config.api_token.is_some() {
        for (path, ids) in [("users", &run.config.people), ("groups", &run.config.groups)] {
            for (name, id) in ids {
                say(&format!("GET  /api/v1/{path}/{id} ({name})"));
            }
        }
    }
    match &run.journal {
        None => say("POST, PUT, PATCH and DELETE of anything else: never, the client's included"),
        Some(journal) => {
            say(&format!(
                "GET  /api/v1/groups?q={PREFIX}, GET /api/v1/users?q={PREFIX}: what runs have left"
            ));
            say(&format!("POST /api/v1/groups: {PREFIX}lock, deleted at the end"));
            say(&format!(
                "POST, PUT, DELETE of groups and users named {PREFIX}{}-…, written down first in {}, deleted at the end",
                run.run,
                journal.display()
            ));
        }
    }
    say("POST /oauth2/v1/revoke for each token of the run, at the end");
    let _ = writeln!(text, "\nThe client, in {} scenarios:", planned.len());
    for planned in planned {
        let when = planned.case.steps.iter().find(|step| step.step.keyword.trim() == "When");
        let words = when.map_or("", |step| step.step.value.as_str());
        let _ = writeln!(text, "  {:<12} {words}", planned.case.id);
    }
    text.push_str("\nNothing was asked.\n");
    text
}
