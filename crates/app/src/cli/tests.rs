use clap::{CommandFactory as _, Parser as _};

use super::{Cli, Command, EntityArg, TenantCommand};
use crate::config::{Config, Sources, defaults};

fn parse(line: &str) -> Result<Cli, String> {
    let words = line.split('|').map(str::trim);
    Cli::try_parse_from(std::iter::once("comptoir").chain(words)).map_err(|error| error.to_string())
}

fn walk(command: &clap::Command, visit: &mut dyn FnMut(&clap::Command)) {
    visit(command);
    for sub in command.get_subcommands() {
        walk(sub, visit);
    }
}

#[test]
fn the_tree_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_and_argument_has_a_help_text() {
    let mut bare = Vec::new();
    walk(&Cli::command(), &mut |command| {
        let name = command.get_name();
        if command.get_about().is_none() {
            bare.push(name.to_owned());
        }
        let arguments = command.get_arguments().filter(|argument| argument.get_help().is_none());
        bare.extend(arguments.map(|argument| format!("{name} {}", argument.get_id())));
    });
    assert_eq!(bare, Vec::<String>::new());
}

#[test]
fn help_names_the_variable_of_every_setting_and_the_defaults() {
    let mut root = Cli::command();
    root.build();
    let help = root.find_subcommand_mut("serve").unwrap().render_long_help().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let settings = ["listen", "data_dir", "public_url", "log", "log_format", "workers", "db_pool", "trusted_proxies"];
    for key in settings.iter().chain(&["database_url", "smtp_url_file", "metrics_token_file", "secret_keys_file"]) {
        assert!(help.contains(&format!("[env: COMPTOIR_{}]", key.to_uppercase())), "{key} in {help}");
        assert!(help.contains(&format!("--{} ", key.replace('_', "-"))), "{key} in {help}");
    }
    for default in [
        defaults::LISTEN,
        defaults::DATA_DIR,
        defaults::LOG,
        defaults::LOG_FORMAT,
        defaults::WORKERS,
        defaults::DB_POOL,
    ] {
        assert!(help.contains(&format!("[default: {default}]")), "{default} in {help}");
    }
    for secret in [
        "COMPTOIR_SMTP_URL ",
        "COMPTOIR_METRICS_TOKEN ",
        "COMPTOIR_SECRET_KEYS ",
        "COMPTOIR_OWNER_URL ",
        "COMPTOIR_REPLICA_URLS ",
    ] {
        assert!(help.contains(secret), "{secret} in {help}");
    }
    assert!(!help.contains("--smtp-url ") && !help.contains("--metrics-token ") && !help.contains("--owner-url"));
}

#[test]
fn the_help_of_backups_names_every_setting_of_theirs_with_its_default() {
    let mut root = Cli::command();
    root.build();
    let help = root.find_subcommand_mut("backup").unwrap().render_long_help().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let settings = ["TO", "RECIPIENT", "IDENTITY_FILE", "SCHEDULE", "DRILL", "KEEP_DAILY", "KEEP_MONTHLY", "KEEP_BASE"];
    for key in settings.iter().chain(&["S3_ENDPOINT", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"]) {
        assert!(help.contains(&format!("COMPTOIR_BACKUP_{key}")), "{key} in {help}");
    }
    assert!(help.contains("COMPTOIR_WAL_ARCHIVE"), "{help}");
    for default in [
        defaults::BACKUP_SCHEDULE,
        defaults::BACKUP_DRILL,
        defaults::KEEP_DAILY,
        defaults::KEEP_MONTHLY,
        defaults::KEEP_BASE,
        defaults::S3_REGION,
    ] {
        assert!(help.contains(&format!("[default: {default}]")), "{default} in {help}");
    }
}

#[test]
fn a_restore_names_a_backup_or_an_instant() {
    let until = |line: &str| {
        let Command::Restore(restore) = parse(line)?.command else { panic!("another command") };
        Ok::<_, String>(restore.to_time)
    };
    assert_eq!(until("restore|backup_1"), Ok(None));
    let at = "2026-02-14T09:30:00Z";
    let expected = crate::backup::Until::At(at.parse().unwrap());
    assert_eq!(until(&format!("restore|--to-time|{at}|--into-data-dir|/srv")), Ok(Some(expected)));
    assert_eq!(until("restore|--to-time|latest|--into-data-dir|/srv"), Ok(Some(crate::backup::Until::Latest)));
    assert!(until("restore").unwrap_err().contains("<NAME|FILE>"));
    assert!(until("restore|--to-time|noon|--into-data-dir|/srv").unwrap_err().contains("or latest"));
    assert!(until(&format!("restore|--to-time|{at}")).unwrap_err().contains("--into-data-dir"));
}

#[test]
fn every_flag_of_serve_reaches_the_configuration() {
    let line = "--data-dir|/srv|serve|--listen|[::1]:1|--public-url|https://c.example/|--trusted-proxies|::1|--log|debug\
        |--log-format|json|--workers|0|--db-pool|2|--database-url|postgres://app@db/shop";
    let cli = parse(line).unwrap();
    let config = Config::load(&Sources::read(cli.flags(), []).unwrap()).unwrap();
    assert_eq!((config.listen.to_string().as_str(), config.data_dir.to_str()), ("[::1]:1", Some("/srv")));
    assert_eq!(config.public_url.unwrap().as_str(), "https://c.example");
    assert_eq!((config.trusted_proxies.len(), config.log.as_str(), config.workers), (1, "debug", 0));
    assert_eq!((format!("{:?}", config.log_format).as_str(), config.db_pool.get()), ("Json", 2));
    assert!(config.database_url.is_some());
}

#[test]
fn a_tenant_is_made_of_its_entities() {
    let line = "tenant|create|--name|Groupe Martin|--slug|martin|--entity|MRT:Martin Énergie|--entity|MS2:\"Martin: Services\"\
        |--admin-email|claire@martin.example|--admin-password-file|-";
    let Command::Tenant(TenantCommand::Create(create)) = parse(line).unwrap().command else {
        panic!("another command")
    };
    let entity = |code: &str, name: &str| EntityArg { code: code.to_owned(), name: name.to_owned() };
    assert_eq!(create.entities, [entity("MRT", "Martin Énergie"), entity("MS2", "Martin: Services")]);
    assert_eq!(create.slug().unwrap(), "martin");
}

#[test]
fn a_tenants_slug_is_made_from_its_name() {
    let slug = |name: &str| {
        let line = format!(
            "tenant|create|--name|{name}|--entity|MRT:Martin|--admin-email|claire@martin.example|--admin-password-file|-"
        );
        let Command::Tenant(TenantCommand::Create(create)) = parse(&line).unwrap().command else {
            panic!("another command")
        };
        create.slug().ok()
    };
    assert_eq!(slug("Groupe Martin").unwrap(), "groupe-martin");
    assert_eq!(slug("  Énergie & Fils (Lyon) ").unwrap(), "energie-fils-lyon");
    let long = slug(&"pompe à chaleur ".repeat(9)).unwrap();
    assert!(long.len() <= 63 && !long.ends_with('-'), "{long}");
    assert_eq!(slug("!!"), None);
}

#[test]
fn refusals_say_what_would_do() {
    let tenant = |entity: &str, rest: &str| {
        format!(
            "tenant|create|--name|M|--slug|m|--admin-email|a@b.example|--admin-password-file|-|--entity|{entity}{rest}"
        )
    };
    let cases = [
        (tenant("MRT", ""), "it must read CODE:\"Name\""),
        (tenant("mrt:Martin", ""), "the code `mrt` must be 2 to 12 upper-case letters or digits"),
        (tenant("M:Martin", ""), "the code `M` must be"),
        (tenant("ALL:Martin", ""), "means every entity at once"),
        (tenant("MRT:", ""), "the name after `MRT:` is missing"),
        (tenant("MRT:\" \"", ""), "the name after `MRT:` is missing"),
        (tenant("MRT:\"Martin", ""), "neither quotes nor control characters"),
        (tenant("MRT:Martin", "|--time-zone|Paris"), "such as Europe/Paris"),
        ("job|list|--tenant|Martin".to_owned(), "1 to 63 lower-case letters"),
        ("job|requeue|7|--tenant|m".to_owned(), "invalid value '7' for '<ID>'"),
        ("job|run|x|--tenant|m|--at|noon".to_owned(), "invalid value 'noon' for '--at <INSTANT>'"),
        ("secrets|forget".to_owned(), "--yes"),
        ("secrets|rotate|--reseal|now".to_owned(), "unexpected argument 'now'"),
        ("user|reset-password|--email|claire|--password-file|-".to_owned(), "invalid value 'claire' for '--email"),
    ];
    for (line, expected) in cases {
        let refusal = parse(&line).err().unwrap();
        assert!(refusal.contains(expected), "{expected} in {refusal}");
    }
}
