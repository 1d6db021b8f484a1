import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import { expect, it } from "vitest";

import { sendAnswer } from "./send-answer.ts";

it.each(["GET", "HEAD"])(
  "tells that the answer is about to leave before %s is answered",
  async (method) => {
    const request = new IncomingMessage(new Socket());
    request.method = method;
    const response = new ServerResponse(request);
    const order: string[] = [];
    const end = response.end.bind(response);
    response.end = (chunk?: unknown) => {
      order.push("end");
      return end(chunk);
    };
    const onSending = () => void order.push("sending");
    await sendAnswer(response, { status: 200, text: "<a/>" }, { onSent: () => {}, onSending });
    expect(order).toEqual(["sending", "end"]);
  },
);
