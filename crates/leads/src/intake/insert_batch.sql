with lead_row as materialized (
    select * from jsonb_to_recordset($2) as x (id uuid, entity_id uuid, owner_entity_id uuid, serving_entity_id uuid,
        product text, departement text, phone text, phone_quality text, nom text, prenom text, email text, status text,
        hold_reason text, routing_reason text, entity_locked boolean, provider_id uuid, lead_source_type text,
        session_id text, form_code text, lp_code text, liaison_code text, source text, utm_source text, utm_medium text,
        utm_campaign text, ip text, custom_fields jsonb, consent boolean, consent_text_version text,
        consent_at timestamptz, consent_ip text, newsletter boolean, delivery_id uuid, buyer_id uuid,
        routed_at timestamptz, was_replaced boolean, replacement_lead_id uuid, idempotency_key text,
        visitor_session uuid, provider_day date)
), delivery_row as materialized (
    select * from jsonb_to_recordset($3) as x (delivery_id uuid, lead_id uuid, lead_entity_id uuid, entity_id uuid,
        buyer_id uuid, buyer_name text, order_id uuid, product text, departement text, phone text, delivery_method text,
        routing_mode text, routing_reason text, is_lb boolean, prepaid boolean, replaced_suspicious_id uuid, client_group_key text,
        is_shared_client_30d boolean, overlap_fallback_delivery boolean, quota_week date, decision_id uuid, cause text,
        trace jsonb)
), lead as (
    insert into leads.lead (tenant_id, id, entity_id, owner_entity_id, serving_entity_id, product, departement, phone,
        phone_quality, nom, prenom, email, status, hold_reason, routing_reason, entity_locked, provider_id,
        lead_source_type, session_id, form_code, lp_code, liaison_code, source, utm_source, utm_medium, utm_campaign, ip,
        custom_fields, consent, consent_text_version, consent_at, consent_ip, newsletter, delivery_id, buyer_id,
        routed_at, was_replaced, replacement_lead_id, idempotency_key, created_at, updated_at)
    select $1, id, entity_id, owner_entity_id, serving_entity_id, product, departement, phone, phone_quality, nom, prenom,
        email, status, hold_reason, routing_reason, entity_locked, provider_id, lead_source_type, session_id, form_code,
        lp_code, liaison_code, source, utm_source, utm_medium, utm_campaign, ip, custom_fields, consent,
        consent_text_version, consent_at, consent_ip, newsletter, delivery_id, buyer_id, routed_at, was_replaced,
        replacement_lead_id, idempotency_key, $5, $5
    from lead_row
    returning 1
), delivery as (
    insert into leads.delivery (tenant_id, id, entity_id, lead_id, lead_entity_id, buyer_id, buyer_name, order_id,
        product, departement, phone, delivery_method, status, routing_mode, routing_reason, is_lb, prepaid,
        replaced_suspicious_id, client_group_key, is_shared_client_30d, overlap_fallback_delivery, quota_week,
        created_at, updated_at)
    select $1, delivery_id, entity_id, lead_id, lead_entity_id, buyer_id, buyer_name, order_id, product, departement,
        phone, delivery_method, 'pending_csv', routing_mode, routing_reason, is_lb, prepaid, replaced_suspicious_id,
        client_group_key, is_shared_client_30d, overlap_fallback_delivery, quota_week, $5, $5
    from delivery_row
    returning 1
), quota as (
    insert into leads.order_week as o (tenant_id, order_id, entity_id, week, used)
    select $1, order_id, entity_id, quota_week, count(*) from delivery_row group by order_id, entity_id, quota_week
    order by order_id
    on conflict (tenant_id, order_id, week) do update set used = o.used + excluded.used
    returning 1
), decision as (
    insert into leads.routing_decision (tenant_id, id, lead_id, decided_at, cause, outcome, reason, trace)
    select $1, decision_id, lead_id, $5, cause, 'routed', routing_reason, trace from delivery_row
    union all
    select $1, decision_id, lead_id, $5, 'intake', outcome, reason, trace
    from jsonb_to_recordset($4) as x (decision_id uuid, lead_id uuid, outcome text, reason text, trace jsonb)
    returning 1
), session as (
    update leads.visitor_session s set status = 'converted', lead_id = coalesce(s.lead_id, lead_row.id)
    from lead_row
    where s.tenant_id = $1 and s.id = lead_row.visitor_session
), day as (
    insert into leads.provider_day as d (tenant_id, provider_id, entity_id, day, received)
    select $1, provider_id, entity_id, provider_day, count(*) from lead_row
    where provider_id is not null and entity_id is not null and provider_day is not null
    group by provider_id, entity_id, provider_day
    order by provider_id
    on conflict (tenant_id, provider_id, day) do update set received = d.received + excluded.received
    returning 1
)
select count(*) from day
