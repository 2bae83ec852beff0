// Colours for the values of an attribute: a colour's own where the values are colours, eight that stay apart for all
// eyes (Okabe-Ito's) where there are few, even steps around the colour wheel where there are many.

const OWN = {
  red: "#d63a3a", orange: "#ee8a2f", yellow: "#e6c32e", green: "#3f9b4e", teal: "#2a9d98", blue: "#3a6fd0", purple: "#8455b8", pink: "#e489b4",
  white: "#f4f4f0", black: "#26292d", grey: "#8b9199", gray: "#8b9199", brown: "#8a5a35", gold: "#c79a2b", silver: "#b4bcc6", copper: "#b8693d", gunmetal: "#4c5762",
};
const NOTHING = "#8e99a6";
const HUES = 8;

export function coloursOf(values, element) {
  const named = values.filter((value) => value !== "none");
  const own = named.every((value) => OWN[value]);
  const style = getComputedStyle(element);
  let place = 0;
  return values.map((value) => {
    if (value === "none") return NOTHING;
    if (own) return OWN[value];
    const at = place++;
    if (named.length <= HUES) return style.getPropertyValue(`--hue-${at}`).trim();
    return `oklch(0.66 0.14 ${Math.round((360 * at) / named.length)})`;
  });
}
