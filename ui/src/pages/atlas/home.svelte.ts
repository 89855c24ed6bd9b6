/** Where the sensor is drawn: a country that a person chose for this browser, or the middle of the map. */

const KEY = "kaname.atlas.home";

function stored(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage may be switched off
  }
}

class Home {
  country = $state(stored());

  choose(country: string): void {
    this.country = country;
    try {
      localStorage.setItem(KEY, country);
    } catch {
      // Without storage the choice holds until the page is closed.
    }
  }
}

export const home = new Home();
