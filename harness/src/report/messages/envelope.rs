//! The messages that we send, of those that `@cucumber/messages` 34 defines (`vendor/cucumber/messages.schema.json`).

use serde::Serialize;

/// One message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Envelope {
    Meta(Meta),
    Source(Source),
    GherkinDocument(GherkinDocument),
    Pickle(Pickle),
    Hook(Hook),
    TestRunStarted(TestRunStarted),
    TestCase(TestCase),
    TestCaseStarted(TestCaseStarted),
    TestStepStarted(TestStepStarted),
    Attachment(Attachment),
    TestStepFinished(TestStepFinished),
    TestCaseFinished(TestCaseFinished),
    TestRunFinished(TestRunFinished),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) protocol_version: &'static str,
    pub(super) implementation: Product,
    pub(super) runtime: Product,
    pub(super) os: Product,
    pub(super) cpu: Product,
}

#[derive(Serialize)]
pub(super) struct Product {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    pub(super) uri: String,
    pub(super) data: String,
    pub(super) media_type: &'static str,
}

#[derive(Serialize)]
pub(super) struct GherkinDocument {
    pub(super) uri: String,
    pub(super) feature: Feature,
    pub(super) comments: [(); 0],
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct Location {
    pub(super) line: usize,
    pub(super) column: usize,
}

#[derive(Serialize)]
pub(super) struct Feature {
    pub(super) location: Location,
    pub(super) tags: Vec<Tag>,
    pub(super) language: String,
    pub(super) keyword: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) children: Vec<Child>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Child {
    Background(Background),
    Rule(Rule),
    Scenario(Scenario),
}

#[derive(Serialize)]
pub(super) struct Rule {
    pub(super) location: Location,
    pub(super) tags: Vec<Tag>,
    pub(super) keyword: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) children: Vec<Child>,
    pub(super) id: String,
}

#[derive(Serialize)]
pub(super) struct Background {
    pub(super) location: Location,
    pub(super) keyword: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) steps: Vec<Step>,
    pub(super) id: String,
}

#[derive(Serialize)]
pub(super) struct Scenario {
    pub(super) location: Location,
    pub(super) tags: Vec<Tag>,
    pub(super) keyword: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) steps: Vec<Step>,
    pub(super) examples: Vec<Examples>,
    pub(super) id: String,
}

#[derive(Serialize, Clone)]
pub(super) struct Tag {
    pub(super) location: Location,
    pub(super) name: String,
    pub(super) id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    pub(super) location: Location,
    pub(super) keyword: String,
    pub(super) keyword_type: &'static str,
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) doc_string: Option<DocString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_table: Option<DataTable>,
    pub(super) id: String,
}

#[derive(Serialize)]
pub(super) struct DocString {
    pub(super) location: Location,
    pub(super) content: String,
    pub(super) delimiter: &'static str,
}

#[derive(Serialize)]
pub(super) struct DataTable {
    pub(super) location: Location,
    pub(super) rows: Vec<TableRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Examples {
    pub(super) location: Location,
    pub(super) tags: Vec<Tag>,
    pub(super) keyword: String,
    pub(super) name: String,
    pub(super) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table_header: Option<TableRow>,
    pub(super) table_body: Vec<TableRow>,
    pub(super) id: String,
}

#[derive(Serialize)]
pub(super) struct TableRow {
    pub(super) location: Location,
    pub(super) cells: Vec<TableCell>,
    pub(super) id: String,
}

#[derive(Serialize)]
pub(super) struct TableCell {
    pub(super) location: Location,
    pub(super) value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pickle {
    pub(super) id: String,
    pub(super) uri: String,
    pub(super) name: String,
    pub(super) language: String,
    pub(super) steps: Vec<PickleStep>,
    pub(super) tags: Vec<PickleTag>,
    pub(super) ast_node_ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PickleStep {
    pub(super) ast_node_ids: Vec<String>,
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PickleTag {
    pub(super) name: String,
    pub(super) ast_node_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hook {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) source_reference: SourceReference,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct SourceReference {
    pub(super) uri: String,
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct Span {
    pub(super) seconds: i64,
    pub(super) nanos: i32,
}

#[derive(Serialize)]
pub(super) struct TestRunStarted {
    pub(super) timestamp: Span,
    pub(super) id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestCase {
    pub(super) id: String,
    pub(super) pickle_id: String,
    pub(super) test_steps: Vec<TestStep>,
    pub(super) test_run_started_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestStep {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pickle_step_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hook_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestCaseStarted {
    pub(super) attempt: u32,
    pub(super) id: String,
    pub(super) test_case_id: String,
    pub(super) timestamp: Span,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestStepStarted {
    pub(super) test_case_started_id: String,
    pub(super) test_step_id: String,
    pub(super) timestamp: Span,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment {
    pub(super) body: String,
    pub(super) content_encoding: &'static str,
    pub(super) media_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_name: Option<String>,
    pub(super) test_case_started_id: String,
    pub(super) test_step_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestStepFinished {
    pub(super) test_case_started_id: String,
    pub(super) test_step_id: String,
    pub(super) test_step_result: TestStepResult,
    pub(super) timestamp: Span,
}

#[derive(Serialize)]
pub(super) struct TestStepResult {
    pub(super) duration: Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    pub(super) status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestCaseFinished {
    pub(super) test_case_started_id: String,
    pub(super) timestamp: Span,
    pub(super) will_be_retried: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestRunFinished {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    pub(super) success: bool,
    pub(super) timestamp: Span,
    pub(super) test_run_started_id: String,
}
