//! Functions of the product or of Flink that are not built: refused by name, with what helps instead.

/// `(name, remedy)`
const WAITING: &[(&str, &str)] = &[
    ("ML_PREDICT", MODELS),
    ("ML_EVALUATE", MODELS),
    ("ML_DETECT_ANOMALIES_ROBUST", FORECASTS),
    ("AI_COMPLETE", MODELS),
    ("AI_EMBEDDING", MODELS),
    ("AI_TOOL_INVOKE", MODELS),
    ("AI_RUN_AGENT", MODELS),
    ("AI_FORECAST", FORECASTS),
    ("AI_DETECT_ANOMALIES", FORECASTS),
    ("AI_SENTIMENT", MODELS),
    ("AI_DETECT_PII", MODELS),
    ("KEY_SEARCH_AGG", SEARCH),
    ("TEXT_SEARCH_AGG", SEARCH),
    ("VECTOR_SEARCH_AGG", SEARCH),
    ("VECTOR_SEARCH", SEARCH),
];

const MODELS: &str = "Models are not served: call the model outside of SQL, and join its answers.";
const FORECASTS: &str =
    "Use ML_FORECAST and ML_DETECT_ANOMALIES, whose models are trained on the rows of an OVER window.";
const SEARCH: &str = "External search is not built: bring the data into a topic, and join it.";

/// What to do instead of the function of this name (any case); None when it is not one that waits.
pub fn remedy(name: &str) -> Option<&'static str> {
    WAITING.iter().find(|(waiting, _)| waiting.eq_ignore_ascii_case(name)).map(|(_, remedy)| *remedy)
}
