//! A limiter's document for an estate, written as people write them: comments, odd quoting, odd order, limits of others.

use super::{Estate, Pair};

/// What the document says about a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// So many requests a minute.
    PerMinute(u32),
    /// `unlimited: true`.
    Unlimited,
}

/// What stands before the pairs: shapes that no pair of the estate matches.
const HEAD: &str = r#"# Who changed this last? Ask the platform team.
apiVersion: v1
kind: ConfigMap
metadata: {name: "ratelimit-config", namespace: istio-system,
  labels: {team: 'edge'}}   # kept by hand
data:
  README: |
    requests_per_unit: 12 is only a word here
  config.yaml: |
    descriptors:
      - key: PARTNER            # everybody else, each by itself
        rate_limit: {unit: minute, requests_per_unit: 77}
      - key: PARTNER
        value: "batch"
        rate_limit:
          requests_per_unit: 100000   # per hour, agreed in 2023
          unit: HOUR
      - {key: generic_key, value: "slow*", share_threshold: true, rate_limit: {unit: second, requests_per_unit: 5}}
      - key: PARTNER
        value: 'DEEP'
        descriptors:
          - key: PATH
            value: /deep
            descriptors:
              - key: METHOD
                value: POST
                shadow_mode: true
                rate_limit: {requests_per_unit: 9, unit: minute}
"#;

const PARTNER: &str = r"      # contract ends in spring
      - value: '<partner>'
        key: PARTNER
        descriptors:
";

const UNLIMITED: &str = r#"          - key: PATH
            value: "<path>"
            rate_limit: {unlimited: true}
"#;

/// How people write a limit.
const STYLES: [&str; 3] = [
    r"          - key: PATH
            value: <path>
            rate_limit:
              unit: minute
              requests_per_unit: <number>
",
    r#"          - {key: PATH, value: '<path>', rate_limit: {requests_per_unit: <number>, unit: "minute"}} # odd
"#,
    r#"
          -   rate_limit:
                  requests_per_unit:   <number>   # guessed a year ago
                  unit: Minute
              "key": PATH
              value: "<path>"
"#,
];

const TAIL: &str = "    domain: edge   # the last key, on purpose\n";

/// The document: `wanted` says what stands for each pair. Styles change from pair to pair.
pub fn document(estate: &Estate, wanted: impl Fn(&Pair) -> Wanted) -> String {
    let mut text = HEAD.to_owned();
    let mut partner = "";
    for (i, pair) in estate.pairs.iter().enumerate() {
        if pair.partner != partner {
            partner = &pair.partner;
            text.push_str(&PARTNER.replace("<partner>", partner));
        }
        text.push_str(&limit(i, pair, wanted(pair)));
    }
    text + TAIL
}

fn limit(style: usize, pair: &Pair, wanted: Wanted) -> String {
    let style = match wanted {
        Wanted::Unlimited => UNLIMITED,
        Wanted::PerMinute(_) => STYLES[style % STYLES.len()],
    };
    let number = match wanted {
        Wanted::Unlimited => String::new(),
        Wanted::PerMinute(number) => number.to_string(),
    };
    style.replace("<path>", &pair.path).replace("<number>", &number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::EstateSettings;

    #[test]
    fn every_pair_stands_in_the_document_once() {
        let estate = Estate::new(EstateSettings::short(1));
        let text = document(&estate, |_| Wanted::PerMinute(4321));
        assert_eq!(text.matches("4321").count(), estate.pairs.len());
        let unlimited = document(&estate, |_| Wanted::Unlimited);
        assert_eq!(unlimited.matches("unlimited: true").count(), estate.pairs.len());
    }
}
