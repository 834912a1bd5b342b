// A form with v-model, a list and a transition, as Vue 3 writes it.
import { createApp, ref } from "vue/dist/vue.esm-bundler.js";

createApp({
  setup: () => ({
    zip: ref(""),
    mail: ref("SECRET-vue-mail"),
    remarks: ref("SECRET-vue-remarks"),
    branch: ref("SECRET-vue-branch"),
    news: ref(true),
    more: ref(0),
  }),
  template: `<form @submit.prevent>
    <!-- SECRET-vue-comment -->
    <h1>Delivery with Vue</h1>
    <p class="account-number" title="SECRET-vue-title">SECRET-vue-account</p>
    <label>Mail <input type="email" v-model="mail" :data-mail="mail"></label>
    <label>ZIP code <input id="zip" class="shown" v-model="zip"></label>
    <output id="noticed">{{ zip && "Delivery to " + zip }}</output>
    <label>Remarks <textarea v-model="remarks"></textarea></label>
    <label>Branch <select v-model="branch">
      <option value="SECRET-vue-branch">SECRET-vue-option</option><option value="other">SECRET-vue-other</option>
    </select></label>
    <label class="row"><input type="checkbox" v-model="news"> Newsletter</label>
    <label>Card <input id="card" autocomplete="cc-number" value="4111111111111111"></label>
    <button type="button" id="more" @click="more++">Tell me more</button>
    <Transition><p id="clicked" v-if="more">There is more.</p></Transition>
  </form>`,
}).mount("#root");
