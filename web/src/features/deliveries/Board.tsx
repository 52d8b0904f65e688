import { Button, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DeliveryRow, DeliveryStatus } from '@/api/schema';
import { errorText } from '@/features/leads/reason';
import { formatInstant, formatPhone } from '@/lib/format';
import { Pill } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';
import css from './board.module.css';
import { useDeliveries } from './queries';
import type { DeliverySearch } from './search';
import { DeliveryStatusPill, OutcomePill } from './status';

const LANES: DeliveryStatus[] = ['pending_csv', 'ready_to_send', 'sending', 'failed', 'sent'];
const CARDS = 30;

/** A lane for each status, in the order in which a delivery goes through them. */
export function Board({ search }: { search: DeliverySearch }) {
  return (
    <div className={css.board}>
      {LANES.map((status) => <Lane key={status} status={status} search={search} />)}
    </div>
  );
}

function Lane({ status, search }: { status: DeliveryStatus; search: DeliverySearch }) {
  const { t } = useTranslation();
  const query = useDeliveries({ ...search, status }, CARDS);
  const cards = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className={css.lane} aria-label={t(`deliveries.status.${status}`)}>
      <div className={css.laneHead}>
        <DeliveryStatusPill status={status} />
        <span className="muted num">{query.hasNextPage ? `${cards.length}+` : cards.length}</span>
      </div>
      <div className={css.cards}>
        {query.isPending && <Skeleton h={70} />}
        {query.isError && <ProblemBox error={query.error} retry={() => void query.refetch()} />}
        {cards.map((card) => <Card key={card.id} delivery={card} />)}
        {query.hasNextPage && <Button variant="subtle" color="gray" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('table.more')}</Button>}
      </div>
    </section>
  );
}

function Card({ delivery }: { delivery: DeliveryRow }) {
  const { t } = useTranslation();
  return (
    <Link to="/deliveries/$deliveryId" params={{ deliveryId: delivery.id }} className={css.card}>
      <span className={css.cardTitle}>{delivery.buyer_name}</span>
      <span className="muted num">{formatPhone(delivery.phone)} · {delivery.departement}</span>
      <span className={css.cardFoot}>
        <Pill>{delivery.product}</Pill>
        {delivery.outcome && delivery.outcome !== 'accepted' && <OutcomePill outcome={delivery.outcome} />}
        <span className="muted num">{formatInstant(delivery.last_sent_at ?? delivery.created_at)}</span>
      </span>
      {delivery.last_error && delivery.status === 'failed' && <span className={css.cardError}>{errorText(t, delivery.last_error)}</span>}
    </Link>
  );
}
