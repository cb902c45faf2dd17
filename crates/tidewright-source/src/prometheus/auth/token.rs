//! Tokens that a command prints, as the command line tools of Google and Azure do.
//!
//! The rule: no shell, no input, a time-out, and what the command says is shown to nobody: neither its output, which is
//! the token, nor its complaints, which may quote it. One run serves all requests until the token is old or refused.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use reqwest::header::HeaderValue;
use thiserror::Error;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::{TokenCommand, sensitive};

/// A cloud's tool takes one or two seconds; one that waits for a person never ends.
const RUN_MAX: Duration = Duration::from_secs(30);

/// Tokens are below 8 KiB, as headers must be.
const OUTPUT_BYTES_MAX: u64 = 8 * 1024;

/// The last part of a token's life is left out, so that no token grows old on its way.
const MARGIN_PARTS: u32 = 10;

/// Why there is no token.
#[derive(Debug, Error)]
pub(in crate::prometheus) enum TokenError {
    #[error("cannot run the token command `{program}`")]
    Start { program: String, source: io::Error },
    #[error("cannot read what the token command `{program}` prints")]
    Read { program: String, source: io::Error },
    #[error("the token command `{program}` ended with `{status}`")]
    Failed { program: String, status: ExitStatus },
    #[error("the token command `{program}` did not end within `{}` s", RUN_MAX.as_secs())]
    Slow { program: String },
    #[error("the token command `{program}` printed {what}")]
    Output { program: String, what: &'static str },
}

/// Hands out tokens.
#[derive(Debug)]
pub(in crate::prometheus) struct Tokens {
    settings: TokenCommand,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    header: HeaderValue,
    since: Instant,
}

impl TokenError {
    /// Whether the command may succeed a little later.
    pub(in crate::prometheus) const fn is_passing(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Slow { .. })
    }
}

impl Tokens {
    pub(super) fn new(settings: TokenCommand) -> Self {
        Self { settings, held: Mutex::new(None) }
    }

    /// The header with a token that is still good; who asks while one is fetched waits for it.
    pub(super) async fn header(&self) -> Result<HeaderValue, TokenError> {
        let lifetime = self.settings.lifetime;
        let good_for = lifetime - lifetime / MARGIN_PARTS;
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| held.since.elapsed() < good_for) {
            return Ok(held.header.clone());
        }
        let since = Instant::now();
        let header = self.fetch().await?;
        *held = Some(Held { header: header.clone(), since });
        Ok(header)
    }

    /// Lets go of a refused token, unless another has taken its place already.
    pub(super) async fn forget(&self, refused: &HeaderValue) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|held| held.header == refused) {
            *held = None;
        }
    }

    async fn fetch(&self) -> Result<HeaderValue, TokenError> {
        let program = || self.settings.command.first().cloned().unwrap_or_default();
        let run = timeout(RUN_MAX, self.run()).await;
        let text = run.map_err(|_| TokenError::Slow { program: program() })??;
        let wrong = |what| TokenError::Output { program: program(), what };
        let token = text.trim();
        if token.is_empty() {
            return Err(wrong("nothing"));
        }
        if token.chars().any(char::is_whitespace) {
            return Err(wrong("more than one word"));
        }
        sensitive("Authorization", &format!("Bearer {token}")).map_err(|_| wrong("no token"))
    }

    async fn run(&self) -> Result<String, TokenError> {
        let [program, arguments @ ..] = self.settings.command.as_slice() else {
            return Ok(String::new());
        };
        let read = |source| TokenError::Read { program: program.clone(), source };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let spawned = command.kill_on_drop(true).spawn();
        let mut child =
            spawned.map_err(|source| TokenError::Start { program: program.clone(), source })?;
        let mut text = String::new();
        if let Some(output) = child.stdout.take() {
            output.take(OUTPUT_BYTES_MAX).read_to_string(&mut text).await.map_err(read)?;
        }
        let status = child.wait().await.map_err(read)?;
        if status.success() {
            return Ok(text);
        }
        Err(TokenError::Failed { program: program.clone(), status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(script: &str) -> Tokens {
        let command = ["sh", "-c", script].map(str::to_owned).to_vec();
        Tokens::new(TokenCommand { command, lifetime: Duration::from_secs(600) })
    }

    async fn check(script: &str, expected: &str) {
        let got = match tokens(script).header().await {
            Ok(header) => header.to_str().unwrap().to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected, "{script}");
    }

    #[tokio::test]
    async fn what_a_command_prints_is_the_token_or_a_fault_that_does_not_show_it() {
        check("echo t0ken", "Bearer t0ken").await;
        check("true", "the token command `sh` printed nothing").await;
        check("echo Your token: t0ken", "the token command `sh` printed more than one word").await;
        check("echo t0ken; exit 3", "the token command `sh` ended with `exit status: 3`").await;
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let command = vec!["no-such-program-here".to_owned()];
        let lifetime = Duration::from_secs(600);
        let error = Tokens::new(TokenCommand { command, lifetime }).header().await.unwrap_err();
        assert_eq!(error.to_string(), "cannot run the token command `no-such-program-here`");
        assert!(!error.is_passing());
    }

    #[tokio::test]
    async fn a_token_serves_until_it_is_old_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count").display().to_string();
        let mut tokens = tokens(&format!("echo x >> {count}; echo t$(wc -l < {count})"));
        let first = tokens.header().await.unwrap();
        assert_eq!(tokens.header().await.unwrap(), first);
        tokens.forget(&HeaderValue::from_static("Bearer another")).await;
        assert_eq!(tokens.header().await.unwrap(), first);
        tokens.forget(&first).await;
        assert_eq!(tokens.header().await.unwrap(), "Bearer t2");
        tokens.settings.lifetime = Duration::ZERO;
        assert_eq!(tokens.header().await.unwrap(), "Bearer t3");
    }
}
