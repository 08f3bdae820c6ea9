"""OpenAI's own client, unchanged, against a deployment.

OPENAI_BASE_URL and OPENAI_API_KEY say where it is, as for any program of that
client. Models: MODEL answers chats, EMBEDDER embeds; with OVERFLOW set MODEL has
a worker that takes over. EMULATED leaves out what the emulator of API Gateway
cannot do: stream, word its own refusals as configured, take large requests.
"""

import json
import os
import unittest

import openai

EMULATED = os.environ.get("EMULATED")
MODEL, EMBEDDER = os.environ["MODEL"], os.environ["EMBEDDER"]
HELLO = [{"role": "user", "content": "Hello there"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False},
        "strict": True,
    },
}
CONTRACT = {
    "type": "object",
    "properties": {"parties": {"type": "array", "items": {"type": "string"}}, "term": {"type": "string"}},
    "required": ["parties", "term"],
    "additionalProperties": False,
}


class Client(unittest.TestCase):
    def setUp(self):
        self.client = openai.OpenAI(max_retries=0, timeout=30)
        self.addCleanup(self.client.close)


class Chats(Client):
    def test_a_chat_is_answered_and_tells_what_it_took(self):
        raw = self.client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)
        answer = raw.parse()
        self.assertEqual(answer.object, "chat.completion")
        self.assertEqual(answer.model, MODEL)
        self.assertIn("Hello there", answer.choices[0].message.content)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertGreater(answer.usage.total_tokens, 0)
        self.assertEqual(raw.headers["x-tandem-model"], MODEL)
        self.assertEqual(raw.headers["x-tandem-tier"], "1")
        self.assertTrue(raw.headers["x-request-id"])

    def test_a_tool_is_called_and_its_result_answered(self):
        messages = [{"role": "user", "content": "What is the get_weather of Paris?"}]
        first = self.client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER], tool_choice="required")
        self.assertEqual(first.choices[0].finish_reason, "tool_calls")
        call = first.choices[0].message.tool_calls[0]
        self.assertEqual(call.function.name, "get_weather")
        self.assertIn("city", json.loads(call.function.arguments))
        messages += [first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny"}]
        second = self.client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER])
        self.assertIn("Sunny", second.choices[0].message.content)

    def test_an_answer_meets_a_json_schema(self):
        schema = {"type": "json_schema", "json_schema": {"name": "contract", "schema": CONTRACT, "strict": True}}
        answer = self.client.chat.completions.create(model=MODEL, messages=HELLO, response_format=schema)
        content = json.loads(answer.choices[0].message.content)
        self.assertIsInstance(content["parties"], list)
        self.assertIsInstance(content["term"], str)

    def test_a_prompt_of_5_mb_is_answered(self):
        answer = self.client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "long " * (1 << 20)}])
        self.assertGreater(answer.usage.prompt_tokens, 1 << 18)


@unittest.skipIf(EMULATED, "nothing streams here")
class Streams(Client):
    def test_a_stream_comes_in_pieces_and_ends_with_what_it_took(self):
        chunks = list(self.client.chat.completions.create(model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertIn("Hello there", text)
        self.assertGreater(len(chunks), 3)
        self.assertGreater(chunks[-1].usage.total_tokens, 0)
        self.assertEqual(chunks[-1].model_extra["tandem"]["tier"], 1)

    def test_the_helper_that_gathers_a_stream_works(self):
        with self.client.chat.completions.stream(model=MODEL, messages=HELLO) as stream:
            for _ in stream:
                pass
            self.assertIn("Hello there", stream.get_final_completion().choices[0].message.content)

    def test_a_tool_is_called_in_pieces(self):
        stream = self.client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "get_weather of Paris"}], tools=[WEATHER], tool_choice="required", stream=True)
        pieces = [call for chunk in stream for choice in chunk.choices for call in choice.delta.tool_calls or []]
        self.assertEqual(pieces[0].function.name, "get_weather")
        self.assertIn("city", json.loads("".join(piece.function.arguments or "" for piece in pieces)))

    def test_a_stream_that_is_left_does_no_harm(self):
        stream = self.client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
        next(iter(stream))
        stream.close()
        self.assertTrue(self.client.models.list().data)


class Others(Client):
    def test_texts_are_embedded_as_numbers_and_in_base64(self):
        answer = self.client.embeddings.create(model=EMBEDDER, input=["one", "two"])
        self.assertEqual([each.index for each in answer.data], [0, 1])
        self.assertGreater(len(answer.data[0].embedding), 3)
        numbers = self.client.embeddings.create(model=EMBEDDER, input="one", encoding_format="float")
        for got, want in zip(answer.data[0].embedding, numbers.data[0].embedding):
            self.assertAlmostEqual(got, want, places=5)

    def test_models_are_listed_and_read(self):
        self.assertIn(MODEL, [model.id for model in self.client.models.list()])
        self.assertEqual(self.client.models.retrieve(MODEL).id, MODEL)


class Errors(Client):
    def test_an_unknown_model_is_not_found(self):
        with self.assertRaises(openai.NotFoundError) as caught:
            self.client.chat.completions.create(model="nothing-like-it", messages=HELLO)
        self.assertEqual(caught.exception.code, "model_not_found")
        self.assertEqual(caught.exception.param, "model")
        with self.assertRaises(openai.NotFoundError):
            self.client.models.retrieve("nothing-like-it")

    def test_a_wrong_key_is_an_authentication_error(self):
        for stranger in ("tdm_nobody.secret", "sk-something"):
            with self.assertRaises(openai.AuthenticationError) as caught:
                self.client.with_options(api_key=stranger).models.list()
            if not EMULATED:
                self.assertEqual(caught.exception.code, "invalid_api_key")

    def test_a_wrong_request_names_what_is_wrong(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.chat.completions.create(model=MODEL, messages=[])
        self.assertEqual(caught.exception.param, "messages")
        self.assertEqual(caught.exception.type, "invalid_request_error")

    def test_a_prompt_that_is_too_large_is_refused_clearly(self):
        with self.assertRaises(openai.APIStatusError) as caught:
            self.client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "long " * (2 << 20)}])
        self.assertEqual(caught.exception.status_code, 413)


@unittest.skipUnless(os.environ.get("OVERFLOW"), "no worker takes over")
class Overflow(Client):
    def test_a_request_that_may_be_a_job_becomes_one(self):
        raw = self.client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO, extra_headers={"Prefer": "respond-async"})
        self.assertEqual(raw.status_code, 202)
        self.assertEqual(raw.headers["preference-applied"], "respond-async")
        job = json.loads(raw.text)
        self.assertTrue(raw.headers["location"].endswith("/v1/jobs/" + job["id"]))
        if os.environ["OVERFLOW"] == "runs":
            done = self.client.get("/jobs/" + job["id"], cast_to=object, options={"headers": {"Prefer": "wait=20"}})
            self.assertEqual(done["state"], "succeeded")
            completion = openai.types.chat.ChatCompletion.model_validate(done["result"]["value"])
            self.assertEqual(completion.model, MODEL)
            self.assertTrue(completion.choices[0].message.content)


if __name__ == "__main__":
    unittest.main(verbosity=2)
