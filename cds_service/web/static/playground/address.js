// The address of an example: which patient, which hook, which orders were typed, and whether it was fired.
export const read = (search) => {
  const found = new URLSearchParams(search);
  const [doses, times, whys] = ["dose", "times", "for"].map((name) => found.getAll(name));
  const orders = found.getAll("drug").map((drug, place) => ({
    ...(/^\d+$/.test(drug) ? { code: drug } : { name: drug }),
    amount: Number(doses[place]) || 1,
    times: Number(times[place]) || 1,
    cramps: whys[place] === "cramps",
  }));
  return { example: found.get("example") || "", hook: found.get("hook") || "", orders, fired: found.get("fired") === "yes" };
};

export const written = ({ example, hook, orders, fired }) => {
  const told = new URLSearchParams();
  if (example) told.set("example", example);
  if (hook) told.set("hook", hook);
  for (const order of orders) {
    told.append("drug", order.code || order.name);
    told.append("dose", order.amount);
    told.append("times", order.times);
    told.append("for", order.cramps ? "cramps" : "");
  }
  if (fired) told.set("fired", "yes");
  const search = told.toString().replaceAll("%2F", "/");
  return search ? `/?${search}` : "/";
};
