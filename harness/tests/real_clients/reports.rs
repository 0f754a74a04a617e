//! The pages of a report folder in a browser.

use std::path::Path;
use std::process::Command;

use crate::browser::Chromium;

/// Our page says what is wrong without scripts, on a phone and by keyboard; the official page of Cucumber takes our messages.
#[test]
fn the_pages_of_a_run_open() {
    let Some(mut chromium) = Chromium::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_orgtwin"))
        .args([
            "test",
            "--tags",
            "@paging or @DPOP-001",
            "--client",
            "builtin:stop-at-first-page",
            "--report-dir",
        ])
        .arg(folder.path())
        .output()
        .unwrap()
        .status;
    assert_eq!(status.code(), Some(1));
    let page = |name: &str| format!("file://{}", Path::new(folder.path()).join(name).display());
    for scripts_off in [true, false] {
        chromium.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": scripts_off }));
        chromium.go(&page("report.html"));
        chromium.until("header.verdict.bad h1");
        chromium.until("article#PAGE-001 .versus");
        chromium.clicks("article#PAGE-001 .requirement a");
        chromium.until("tr:target .tag.bad");
        chromium.clicks("#show-good");
        chromium.until("#show-good:checked");
    }
    for width in [1280, 390] {
        chromium.pictures("report", width);
    }
    // Nothing is wider than a phone.
    let phone = serde_json::json!({ "width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": true });
    chromium.call("Emulation.setDeviceMetricsOverride", phone);
    chromium.go(&page("report.html"));
    chromium.until("#run");
    let size = chromium.call("Page.getLayoutMetrics", serde_json::json!({}));
    assert_eq!(size["cssContentSize"]["width"], 390, "{size}");
    chromium.call("Emulation.clearDeviceMetricsOverride", serde_json::json!({}));
    chromium.go(&page("cucumber.html"));
    chromium.until("#content h2, #content [class*=feature], #content [data-testid]");
    for width in [1280, 390] {
        chromium.pictures("cucumber", width);
    }
}
