/** Bank accounts, statements and what their lines are. */
export default {
  title: 'Bank',
};
