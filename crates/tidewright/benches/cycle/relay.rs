//! Passes bytes on to a server and remembers which targets were asked for.
//!
//! It knows as much HTTP as the product's queries need: heads without bodies, one after the other.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A relay; it ends with the process.
pub(crate) struct Relay {
    address: SocketAddr,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    /// Listens on a free port and passes everything on to `server`.
    pub(crate) fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let targets = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&targets);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || connect(client, server, &seen));
            }
        });
        Ok(Self { address, targets })
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked for so far, in order.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.targets.lock().expect("no holder panics").clone()
    }
}

fn connect(mut client: TcpStream, server: SocketAddr, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut server = TcpStream::connect(server)?;
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || io::copy(&mut answers, &mut back));
    let (mut head, mut piece) = (Vec::new(), [0; 16_384]);
    loop {
        let read = client.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        head.extend_from_slice(&piece[..read]);
        if head.ends_with(b"\r\n\r\n") {
            let target = String::from_utf8_lossy(&head);
            let target = target.split(' ').nth(1).unwrap_or_default().to_owned();
            seen.lock().expect("no holder panics").push(target);
            head.clear();
        }
        server.write_all(&piece[..read])?;
    }
}
