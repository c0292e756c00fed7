/* Spoken prompts, when the crew wants them. */
import { locale } from "/static/words.js";

export class Voice {
  constructor(on) {
    this.on = on && "speechSynthesis" in window;
  }

  say(text) {
    if (!this.on) return;
    const said = new SpeechSynthesisUtterance(text);
    said.lang = locale === "zh" ? "zh-CN" : "en-GB";
    speechSynthesis.cancel();
    speechSynthesis.speak(said);
  }
}
