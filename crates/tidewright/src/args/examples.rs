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
  tidewright detect --input history.csv --plot anomalies.html
  tidewright doctor

Exit codes: 0 done or held, 1 our fault, 2 yours, 3 somebody should look (`limits check|apply|rollback`),
4 a dependency's, 130 interrupted.";

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
  tidewright limits plan --save plan.json
  tidewright limits explain CUSTOMER_ID_1:/api/list
  tidewright limits apply plan.json --only CUSTOMER_ID_1:/api/list
  tidewright limits rollback
  tidewright limits check";

pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  tidewright limits plan --current limits.yaml
  tidewright limits plan --save plan.json                  to be read with `limits show`, and applied
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
docs/forecast.md tells what each column of the answer means.

Examples:
  tidewright forecast --input history.csv --horizon 1440 --model prophet --output csv > forecast.csv
  tidewright forecast --input hourly.csv.gz --horizon 48 --season 24 --explain
  tidewright forecast --input minutes.csv --horizon 7d --every 1h --aggregate sum
  tidewright forecast --input minutes.csv --horizon medium --aggregate sum --time-zone Europe/Paris
  tidewright forecast --input daily.csv --horizon 90 --model prophet --components --plot out.html
  tidewright forecast --input daily.csv --horizon 90 --model prophet --holidays holidays.csv --data-range 0..
  tidewright forecast --input users.csv --horizon 90 --model prophet --growth logistic --cap 9000
  tidewright forecast --input sales.csv --model prophet --regressor promo --future next.csv
  tidewright forecast --input daily.csv --horizon 30 --model prophet --save-model daily.model
  tidewright forecast --load-model daily.model --horizon 30 --interval-width 0.9 --output csv";

pub(super) const BACKTEST_EXAMPLES: &str = "\
The last steps of each series are taken away, forecast from what came before, and compared. MASE below 1 is better than
the season before was at the same distance within the history; xNAIVE below 1 is better than the last season repeated.

Examples:
  tidewright backtest --input history.csv --horizon 48
  tidewright backtest --input m4-train.csv --horizon 48 --season 24 --models prophet,seasonal-naive --folds 3
  tidewright backtest --input history.csv --horizon 24 --step 6 --folds 12 --plot out.html
  tidewright backtest --input minutes.csv --horizon 24 --every 1h --aggregate sum
  tidewright backtest --input history.csv --horizon 24 --output json > backtest.json";

pub(super) const DETECT_EXAMPLES: &str = "\
The file has the columns `unique_id,ds,y` (`unique_id` may be absent), or `timestamp,value`; it may be gzipped. Rows are
judged in its order, each by those before it. docs/detect.md tells what each column of the answer means.

Examples:
  tidewright detect --input history.csv
  tidewright detect --input history.csv --output csv > verdicts.csv
  tidewright detect --input history.csv --explain 2014-04-16T03:00:00Z --plot anomalies.html
  tidewright detect --input history.csv --detector residual-tails --level 4.5 --quiet-hours 24
  tidewright detect --input history.csv --alert-budget 2 --min 0 --max 100 --time-zone Europe/Paris
  tidewright detect --input monday.csv --state series.state --output json > monday.json
  tidewright detect --stream --state series.state < live.csv";

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

pub(super) const REVIEW_EXAMPLES: &str = "\
Examples:
  tidewright limits show plan.json
  tidewright limits show plan.json --output json | jq .plan.summary";

pub(super) const DRIFT_EXAMPLES: &str = "\
Nothing is recorded. Exit code 0 if there is nothing to do, 3 if there are findings:
  unsafe    it rejects clean requests, lies outside the bounds, or lets through more than its destination carries
  edited    its number is not the one that was applied last
  drifted   a change is proposed, or waits for approval

Examples:
  tidewright limits check --current limits.yaml
  tidewright limits check --plan plan.json --output json";

pub(super) const DIFF_EXAMPLES: &str = "\
Examples:
  tidewright limits diff plan.json
  tidewright limits diff plan.json --only CUSTOMER_ID_1:/api/list --target file:out.yaml";

pub(super) const APPLY_EXAMPLES: &str = "\
A number that is no longer the one that was reviewed makes the whole plan stale: nothing is written. Where the target
exists, its numbers are changed in place; else it becomes the present document with the new numbers. The change is
recorded first, and the document before it is kept beside the target as `NAME.bak-REVISION`.

Examples:
  tidewright limits apply plan.json
  tidewright limits apply plan.json --only CUSTOMER_ID_1:/api/list --target file:out.yaml
  tidewright limits apply plan.json --by ann --max-age 7d";

pub(super) const APPROVE_EXAMPLES: &str = "\
Examples:
  tidewright limits approve CUSTOMER_ID_1:/api/list
  tidewright limits approve CUSTOMER_ID_1:/api/list --to 1200 --for 7d --by ann";

pub(super) const PAUSE_EXAMPLES: &str = "\
While changes are paused, every plan holds every limit and `limits apply` is refused; `limits rollback` is not.

Examples:
  tidewright limits pause --why incident-7
  tidewright limits pause --why launch-day --for 12h --by ann";

pub(super) const RESUME_EXAMPLES: &str = "\
Examples:
  tidewright limits resume";

pub(super) const HISTORY_EXAMPLES: &str = "\
Examples:
  tidewright limits history
  tidewright limits history CUSTOMER_ID_1:/api/list --output json
  tidewright limits history --document 20261120T080000Z-0123abcd > before.yaml";

pub(super) const ROLLBACK_EXAMPLES: &str = "\
Only the numbers of the revision are put back, and only where they still are what it wrote; else exit code 3.

Examples:
  tidewright limits rollback
  tidewright limits rollback 20261120T080000Z-0123abcd --by ann";
