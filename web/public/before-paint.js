// Runs before the first paint, so that a dark screen never flashes white: the colour scheme that was chosen here before.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('comptoir.scheme');
  } catch {
    // Storage may be forbidden; the system's scheme is used then.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
