import { getRouteApi } from '@tanstack/react-router';
import { Editor } from './Editor';

const route = getRouteApi('/_app/invoices/new');

/** A document that is not there yet. */
export function NewDocumentPage() {
  const { kind, customer } = route.useSearch();
  return <Editor key={`${kind} ${customer}`} {...(kind !== undefined && { kind })} {...(customer !== undefined && { party: customer })} />;
}
