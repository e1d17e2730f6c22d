// Every page loads this; each behaviour looks for the elements that it is about.
import "./live.js";
import "./times.js";
import "./menus.js";
import "./keys.js";
import "./copy.js";
import "./forms.js";
import "./log/viewer.js";
