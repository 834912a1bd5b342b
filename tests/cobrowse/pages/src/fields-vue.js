// Every kind of field, each with a v-model of Vue 3, and what the page knows of them.
import { createApp, reactive } from "vue/dist/vue.esm-bundler.js";
import { masked } from "./masked.js";

const known = reactive({ text: "", digits: "1", remarks: "", size: "s", gift: false, pay: "card", day: "" });
createApp({
  setup: () => ({
    known,
    digits: (event) => {
      if (/^\d*$/.test(event.target.value)) known.digits = event.target.value;
      else event.target.value = known.digits;
    },
    fixed: (event) => event.preventDefault(),
    mask: (field) => field && masked(field, (value) => (known.phone = value)),
  }),
  template: `<form>
    <input id="text" v-model="known.text">
    <input id="digits" :value="known.digits" @input="digits">
    <textarea id="remarks" v-model.lazy="known.remarks"></textarea>
    <select id="size" v-model="known.size"><option value="s">Small</option><option value="l">Large</option></select>
    <input id="gift" type="checkbox" v-model="known.gift">
    <input id="fixed" type="checkbox" checked @click="fixed">
    <input v-for="each in ['card', 'invoice']" :id="each" type="radio" name="pay" :value="each" v-model="known.pay">
    <input id="day" type="date" v-model="known.day">
    <input id="phone" :ref="mask">
    <input id="short" maxlength="5">
    <input id="closed" readonly value="x">
    <fieldset disabled><input id="shut"></fieldset>
    <div id="editor" contenteditable></div>
    <output id="known">{{ JSON.stringify(known) }}</output>
  </form>`,
}).mount("#root");
