//! Where calls may go: not to this machine and not into its networks, whatever a name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Reads an address. A host that is a number is judged here; a name, when it is resolved.
pub fn check(text: &str, anywhere: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("This is not an address: {error}."))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("Only http and https addresses can be called.".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("An address must not hold a user name or a password.".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let inside = match number {
        Some(number) => !is_public(number),
        None => host == "localhost" || host.ends_with(".localhost") || !host.contains('.'),
    };
    if inside && !anywhere {
        return Err("This address is not on the public internet.".to_owned());
    }
    Ok(url)
}

/// Resolves names, and gives of what they resolve to only what is public. The connection is made to exactly that, so a
/// name cannot mean something else a moment later.
#[derive(Debug)]
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::task::spawn_blocking(move || (host.as_str(), 0).to_socket_addrs());
            let public: Vec<SocketAddr> = found.await??.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the host has no address on the public internet".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether everybody could reach this address: IANA's registries of special addresses, without those.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b) {
        // Among them carriers' own networks (100) and those for benchmarks (198).
        (0 | 10 | 127 | 240.., _) | (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19) => true,
        (192, 0) => c == 0 || c == 2,
        _ => address.is_multicast() || address.is_documentation(),
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // An old address in the clothes of a new one goes where the old one goes.
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, .., g, h] = address.segments();
    let embedded = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
    match (first, second) {
        (0x0064, 0xff9b) => is_public_v4(embedded),
        (0x2001, 0x0db8 | 0..=0x01ff) | (0x2002 | 0x3fff, _) => false,
        // What is given out to the public begins with the bits 001.
        _ => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_called() {
        for (url, public) in [
            ("https://partner.example/hook", true),
            ("http://93.184.216.34/hook", true),
            ("https://[2606:4700::1111]/", true),
            ("http://127.0.0.1:8080/", false),
            ("http://2130706433/", false),
            ("http://0x7f.1/", false),
            ("http://localhost/", false),
            ("http://a.localhost/", false),
            ("http://intranet/", false),
            ("http://10.1.2.3/", false),
            ("http://172.20.0.1/", false),
            ("http://172.32.0.1/", true),
            ("http://192.168.1.1/", false),
            ("http://169.254.169.254/latest/meta-data", false),
            ("http://100.64.0.1/", false),
            ("http://0.0.0.0/", false),
            ("http://255.255.255.255/", false),
            ("http://224.0.0.1/", false),
            ("http://[::1]/", false),
            ("http://[::]/", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("http://[::ffff:93.184.216.34]/", true),
            ("http://[64:ff9b::7f00:1]/", false),
            ("http://[fd00::1]/", false),
            ("http://[fe80::1]/", false),
            ("http://[2002:7f00:1::]/", false),
        ] {
            assert_eq!(check(url, false).is_ok(), public, "{url}");
            assert!(check(url, true).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_to_call_is_refused_everywhere() {
        for url in
            ["", "partner.example", "ftp://partner.example/", "file:///etc/passwd", "https://a:b@partner.example/"]
        {
            assert!(check(url, true).is_err(), "{url}");
        }
    }
}
