//! The signed list of a site's files: what carnet, sha256sum and gpg say of a whole site and of one that was changed.

use crate::common::{Said, World, said};
use crate::{files, report};

fn check(world: &World) -> Said {
    world.carnet(&["report", "--check", "../site"])
}

fn in_site(world: &World, program: &str, args: &[&str]) -> Said {
    said(world.command(program, &world.path().join("site")).args(args).output().unwrap())
}

#[test]
fn a_site_is_checked_by_carnet_and_by_plain_tools() {
    let world = World::with_firm();
    world.add("Jeanne Dupont", &[]);
    report(&world, &["--lang", "both"]).ok();
    let told = check(&world).ok();
    assert!(told.out.starts_with("OK: ") && told.out.contains("signed by ana."), "{}", told.out);
    let found = world.carnet(&["report", "--check", "../site", "--json"]).ok().json();
    assert_eq!(found["commit"], world.head());
    let sums = std::fs::read_to_string(world.path().join("site/SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), files(&world.path().join("site")).len() - 2);
    in_site(&world, "sha256sum", &["--check", "--strict", "--quiet", "SHA256SUMS"]).ok();
    world.trust_members();
    in_site(&world, "gpg", &["--batch", "--verify", "SHA256SUMS.asc", "SHA256SUMS"]).ok();
}

#[test]
fn whatever_was_changed_is_named() {
    let world = World::with_firm();
    report(&world, &[]).ok();
    let site = world.path().join("site");
    let page = std::fs::read_to_string(site.join("erasures.html")).unwrap();
    std::fs::write(site.join("erasures.html"), page.replace('0', "1")).unwrap();
    std::fs::write(site.join("more.html"), "x").unwrap();
    std::fs::remove_file(site.join("style.css")).unwrap();
    let told = check(&world).code(7).out;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "erasures.html: it is not what was signed",
            "more.html: it is no part of the site that was signed",
            "style.css: it is missing"
        ]
    );
}

#[test]
fn a_list_that_was_made_to_fit_is_not_signed() {
    let world = World::with_firm();
    report(&world, &[]).ok();
    let site = world.path().join("site");
    std::fs::write(site.join("index.html"), "forged").unwrap();
    let made = in_site(&world, "sh", &["-c", "sha256sum *.html *.css *.json > SHA256SUMS"]);
    made.ok();
    let told = check(&world).code(7).out;
    assert!(told.starts_with("SHA256SUMS.asc: "), "{told}");
    std::fs::remove_file(site.join("SHA256SUMS.asc")).unwrap();
    assert!(check(&world).code(7).out.contains("the signature is missing"));
    std::fs::write(site.join("SHA256SUMS"), format!("{:064}  ../../etc/passwd\n", 0)).unwrap();
    assert!(check(&world).code(7).out.contains("SHA256SUMS: the list of sums is missing or not one"));
}

#[test]
fn a_site_of_another_repository_and_no_site_are_told_apart() {
    let (world, other) = (World::with_firm(), World::with_firm());
    report(&world, &[]).ok();
    let site = world.path().join("site");
    let said = other.carnet(&["report", "--check", site.to_str().unwrap()]).code(7);
    assert!(said.out.contains("does not have the commit"), "{}", said.out);
    other.carnet(&["report", "--check", "."]).code(3);
}
