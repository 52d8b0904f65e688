import { api } from '@/api/client';
import type { BuyerView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { NoteBox } from '@/ui/NoteBox';
import { Loaded } from '@/ui/states';

/** What people wrote about a buyer. */
export function BuyerNotes({ buyer }: { buyer: BuyerView }) {
  const path = { path: { id: buyer.id } };
  const notes = api.useQuery('get', '/api/clients/{id}/notes', { params: path });
  const add = api.useMutation('post', '/api/clients/{id}/notes', useOutcome());
  return (
    <Loaded query={notes} height={60}>
      {({ items }) => (
        <NoteBox
          name={`buyer-note-${buyer.id}`}
          notes={items}
          mayAdd={buyer.can.includes('add_note')}
          saving={add.isPending}
          onAdd={(text, saved) => add.mutate({ params: path, body: { text } }, { onSuccess: saved })}
        />
      )}
    </Loaded>
  );
}
