// A link into a fold opens it.
const unfold = () => {
  const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = place && place.closest("details");
  if (fold && !fold.open) {
    fold.open = true;
    place.scrollIntoView();
  }
};

addEventListener("hashchange", unfold);
unfold();
