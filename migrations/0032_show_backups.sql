-- The service sees how backups stand, so that whoever watches the installation learns of a failure. Only the owner writes; and a
-- manifest, which counts every tenant's rows, is not the service's to read.

grant select (id, kind, period, state, worker, target, object, started_at, finished_at, bytes, sha256, error)
    on platform.backup_run to comptoir_app;
grant select on platform.restore_proof to comptoir_app;
