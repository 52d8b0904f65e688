import { DndContext, type DragEndEvent, KeyboardSensor, PointerSensor, useDraggable, useDroppable, useSensor, useSensors } from '@dnd-kit/core';
import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { OrderView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { useOneEntity } from '@/app/session';
import { Panel } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import { announce, laneByLane, laneUnder } from './dragging';
import css from './orders.module.css';
import { departementsText } from './order-text';
import { QuotaBar } from './QuotaBar';
import { type OrderSearch, useOrders } from './queries';

const PRIORITIES = Array.from({ length: 10 }, (_, index) => index + 1);

/** Orders in lanes by priority, 1 served first: drag one to another lane, or choose its priority. */
export function Priorities({ search }: { search: OrderSearch }) {
  const { t } = useTranslation();
  const query = useOrders({ ...search, buyer: '', active: '' }, 200);
  const save = api.useMutation('put', '/api/commandes/{id}', useOutcome({ done: t('orders.reprioritised') }));
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 4 } }), useSensor(KeyboardSensor, { coordinateGetter: laneByLane }));
  const orders = query.data?.pages.flatMap((page) => page.items) ?? [];
  const move = (order: OrderView, priorite: number) => {
    if (order.priorite !== priorite) save.mutate({ params: { path: { id: order.id } }, body: { priorite } });
  };
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    const order = orders.find((one) => one.id === active.id);
    if (order && over) move(order, Number(over.id));
  };
  return (
    <Loaded query={query} height={420}>
      {() => (
        <DndContext
          sensors={sensors}
          collisionDetection={laneUnder}
          accessibility={{ announcements: announce(t), screenReaderInstructions: { draggable: t('orders.dragKeys') } }}
          onDragEnd={onDragEnd}
        >
          <p className="muted" style={{ margin: 0 }}>{t('orders.dragAbout')}</p>
          {orders.length === 0 && <Empty title={t('orders.empty')}>{t('orders.emptyAbout')}</Empty>}
          <Panel>
            <div className={css.lanes}>
              {PRIORITIES.map((priority) => (
                <Lane key={priority} priority={priority} orders={orders.filter((order) => order.priorite === priority)} onMove={move} />
              ))}
            </div>
          </Panel>
        </DndContext>
      )}
    </Loaded>
  );
}

function Lane({ priority, orders, onMove }: { priority: number; orders: OrderView[]; onMove: (order: OrderView, priority: number) => void }) {
  const { t } = useTranslation();
  const { setNodeRef, isOver } = useDroppable({ id: String(priority) });
  return (
    <section ref={setNodeRef} className={css.lane} data-over={isOver || undefined} aria-label={t('trace.priority', { priority })} data-priority={priority}>
      <span className={css.laneName}>{t('trace.priority', { priority })}</span>
      <div className={css.cards}>{orders.map((order) => <Card key={order.id} order={order} onMove={onMove} />)}</div>
    </section>
  );
}

function Card({ order, onMove }: { order: OrderView; onMove: (order: OrderView, priority: number) => void }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const movable = oneEntity && order.can.includes('edit_quota');
  const { attributes, listeners, setNodeRef, transform, isDragging } = useDraggable({ id: order.id, disabled: !movable });
  return (
    <div
      ref={setNodeRef}
      className={css.card}
      data-movable={movable || undefined}
      data-dragging={isDragging || undefined}
      data-paused={!order.active || undefined}
      style={transform ? { transform: `translate(${transform.x}px, ${transform.y}px)`, zIndex: 10 } : undefined}
    >
      <div className={css.cardHead} {...listeners} {...attributes} aria-label={t('orders.dragCard', { buyer: order.buyer_name, product: order.product })}>
        {order.buyer_name}<span>{order.product}</span>
      </div>
      <span className="muted">{order.entity} · {departementsText(t, order)}</span>
      <QuotaBar used={order.used} quota={order.quota_semaine} />
      <Select
        aria-label={t('orders.priority')}
        data={PRIORITIES.map(String)}
        value={String(order.priorite)}
        allowDeselect={false}
        disabled={!movable}
        onChange={(value) => value && onMove(order, Number(value))}
      />
    </div>
  );
}
