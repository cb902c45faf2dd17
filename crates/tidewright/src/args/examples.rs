//! Examples that close the help of each command: lines to copy, each with what it does where the line does not say so.
//!
//! They are held to what the commands take by the tests of the command line, which ask for every help.

pub(super) const EXAMPLES: &str = "\
Examples:
  tidewright init --prometheus-url http://localhost:9090 --current limits.yaml > config.yaml
  tidewright run                                   one cycle on synthetic data, report in output/
  tidewright run --config config/testing-config.yaml --current limits.yaml
  tidewright limits explain CUSTOMER_ID_1:/api/list
  tidewright forecast --input history.csv --horizon 48 --output csv
  tidewright doctor

Exit codes: 0 done or held, 1 our fault, 2 yours, 4 a dependency's, 130 interrupted.";

pub(super) const INIT_EXAMPLES: &str = "\
Examples:
  tidewright init --prometheus-url http://localhost:9090 --current limits.yaml > config.yaml
  tidewright init --prometheus-url http://localhost:9090 --output-file config.yaml --yes
  tidewright limits plan --config config.yaml      what comes next";

pub(super) const RUN_EXAMPLES: &str = "\
Examples:
  tidewright run
  tidewright run --config config/testing-config.yaml --current limits.yaml
  tidewright run --at 2026-11-16T00:00:00Z --output json > run.json";

pub(super) const LIMITS_EXAMPLES: &str = "\
Examples:
  tidewright limits plan
  tidewright limits explain CUSTOMER_ID_1:/api/list
  tidewright limits replay";

pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  tidewright limits plan --current limits.yaml
  tidewright limits plan --formula v3              the predecessor's number beside each limit
  tidewright limits plan --output json | jq .plan.summary";

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  tidewright limits explain CUSTOMER_ID_1:/api/list
  tidewright limits explain edge/CUSTOMER_ID_1:/api/list    the name in one of several domains
  tidewright limits explain '10.0.0.1\\:8080:/api/list'      a `:` that is part of a value";

pub(super) const REPLAY_EXAMPLES: &str = "\
Examples:
  tidewright limits replay
  tidewright limits replay CUSTOMER_ID_1:/api/list --output json";

pub(super) const FORECAST_EXAMPLES: &str = "\
The file has the columns `unique_id,ds,y` (`unique_id` may be absent), or `timestamp,value`; it may be gzipped.

Examples:
  tidewright forecast --input history.csv --horizon 1440 --model prophet --output csv > forecast.csv
  tidewright forecast --input hourly.csv.gz --horizon 48 --season 24";

pub(super) const DOCTOR_EXAMPLES: &str = "\
Examples:
  tidewright doctor
  tidewright doctor --config config/testing-config.yaml --current limits.yaml";

pub(super) const CONFIG_EXAMPLES: &str = "\
Examples:
  tidewright config check --config config/testing-config.yaml
  tidewright config show
  tidewright config reference > configuration.md";

pub(super) const CHECK_EXAMPLES: &str = "\
Examples:
  tidewright config check
  tidewright config check --config config/production-config.yaml --output json";

pub(super) const SHOW_EXAMPLES: &str = "\
Examples:
  tidewright config show
  tidewright config show --config config/testing-config.yaml --output json";

pub(super) const REFERENCE_EXAMPLES: &str = "\
Examples:
  tidewright config reference > configuration.md";
