import { type Announcements, type CollisionDetection, type KeyboardCoordinateGetter, pointerWithin } from '@dnd-kit/core';
import type { TFunction } from 'i18next';

/** Within the lane in which a card begins, in pixels. */
const INSIDE = 12;

/** A card goes to the lane under the pointer; by keyboard, to the one in which the card begins. */
export const laneUnder: CollisionDetection = (args) => {
  if (args.pointerCoordinates) return pointerWithin(args);
  const { left, top } = args.collisionRect;
  return pointerWithin({ ...args, pointerCoordinates: { x: left + INSIDE, y: top + INSIDE } });
};

/** Up and down carry a card from lane to lane. */
export const laneByLane: KeyboardCoordinateGetter = (event, { currentCoordinates, context: { over, droppableRects } }) => {
  const step = event.code === 'ArrowDown' ? 1 : event.code === 'ArrowUp' ? -1 : 0;
  const lane = over && step !== 0 ? droppableRects.get(String(Number(over.id) + step)) : undefined;
  if (!lane) return undefined;
  event.preventDefault();
  return { ...currentCoordinates, y: lane.top };
};

/** What a reader who cannot see the lanes is told while a card is carried. */
export function announce(t: TFunction): Announcements {
  const at = (over: { id: string | number } | null) => (over ? t('trace.priority', { priority: over.id }) : '');
  return {
    onDragStart: () => t('orders.dragStarted'),
    onDragOver: ({ over }) => at(over),
    onDragEnd: ({ over }) => t('orders.dragEnded', { where: at(over) }),
    onDragCancel: () => t('orders.dragCancelled'),
  };
}
