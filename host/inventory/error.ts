/** An inventory that cannot be used; the message is one sentence for the user. */
export class InventoryError extends Error {
  override readonly name = 'InventoryError';
}
