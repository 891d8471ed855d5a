//! The evaluators of one policy, asked side by side.

use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources};
use portcullis_test::{Exchange, Response};
use portcullis_testing::corpus::{Called, evaluators};

pub(crate) struct Evaluators(Vec<Called>);

impl Evaluators {
    pub(crate) fn new(policy: &str) -> Evaluators {
        let mut sources = Sources::new();
        sources.add(Source::new("fuzz.gate", policy));
        let policy = compile(sources);
        assert!(!policy.has_errors(), "{:?}", policy.diagnostics);
        Evaluators(evaluators(&policy, "default").expect("evaluators"))
    }

    /// What all of them answer, who must not differ.
    pub(crate) fn compare(&mut self, exchange: &Exchange) -> Response {
        let answers = self.0.iter_mut().map(|(name, one)| (*name, one.send(exchange)));
        let mut answers: Vec<_> = answers.collect();
        for pair in answers.windows(2) {
            assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
        }
        answers.swap_remove(0).1
    }
}
