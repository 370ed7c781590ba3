// The addon: what native/index.ts calls. Arguments were checked there.
#include <napi.h>

#include "reader.h"

namespace {

using boxtop::Reader;

Napi::Object describe_trace(Napi::Env env, const ctf::Trace& trace) {
  Napi::Object out = Napi::Object::New(env);
  Napi::Array paths = Napi::Array::New(env);
  for (const std::string& p : trace.paths) paths[paths.Length()] = Napi::String::New(env, p);
  Napi::Object environment = Napi::Object::New(env);
  for (const auto& [key, value] : trace.metadata.env)
    environment[key] = value.is_string ? Napi::Value(Napi::String::New(env, value.text)) : Napi::Value(Napi::Number::New(env, static_cast<double>(value.number)));
  Napi::Array declared = Napi::Array::New(env);
  const auto names = [&](const std::vector<ctf::Root>& roots) {
    Napi::Array list = Napi::Array::New(env);
    for (const ctf::Root& root : roots)
      for (const std::string& path : ctf::field_paths(root)) list[list.Length()] = Napi::String::New(env, path);
    return list;
  };
  for (const auto& [id, stream] : trace.metadata.streams) {
    Napi::Array context = names({{"", "", stream.event_context}});
    for (const auto& [event_id, event] : stream.events) {
      Napi::Object e = Napi::Object::New(env);
      e["name"] = Napi::String::New(env, event->name);
      e["streamClass"] = Napi::Number::New(env, static_cast<double>(id));
      e["fields"] = names({{"", "", event->fields}});
      e["context"] = event->context ? names({{"", "", stream.event_context}, {"", "", event->context}}) : context;
      declared[declared.Length()] = e;
    }
  }
  out["paths"] = paths;
  out["env"] = environment;
  out["uuid"] = Napi::String::New(env, trace.metadata.uuid);
  out["declared"] = declared;
  return out;
}

Napi::Object describe_stream(Napi::Env env, const ctf::Merge::StreamRef& ref) {
  Napi::Object out = Napi::Object::New(env);
  out["trace"] = Napi::Number::New(env, ref.trace);
  out["streamClass"] = Napi::Number::New(env, static_cast<double>(ref.files->stream_id));
  out["channel"] = Napi::String::New(env, ref.files->channel);
  out["cpu"] = ref.files->cpu ? Napi::Value(Napi::Number::New(env, static_cast<double>(*ref.files->cpu))) : env.Undefined();
  Napi::Array files = Napi::Array::New(env);
  for (const std::string& f : ref.files->files) files[files.Length()] = Napi::String::New(env, f);
  out["files"] = files;
  return out;
}

/// One open source. Decodes from `start` to `close` (or the end of its environment, or garbage collection).
class NativeSource : public Napi::ObjectWrap<NativeSource> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeSource",
                       {InstanceMethod<&NativeSource::info>("info"), InstanceMethod<&NativeSource::start>("start"), InstanceMethod<&NativeSource::take>("take"), InstanceMethod<&NativeSource::release>("release"),
                        InstanceMethod<&NativeSource::string>("string"), InstanceMethod<&NativeSource::list>("list"), InstanceMethod<&NativeSource::event_name>("eventName"),
                        InstanceMethod<&NativeSource::event_counts>("eventCounts"), InstanceMethod<&NativeSource::counters>("counters"), InstanceMethod<&NativeSource::close>("close")});
  }

  explicit NativeSource(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeSource>(info) {}
  ~NativeSource() { shut(); }

  void adopt(std::unique_ptr<ctf::Merge> merge) { reader_ = std::make_unique<Reader>(std::move(merge)); }

 private:
  Napi::Value info(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const ctf::Merge& m = reader_->merge();
    Napi::Object out = Napi::Object::New(env);
    out["origin"] = Napi::BigInt::New(env, m.first());
    out["end"] = Napi::Number::New(env, static_cast<double>(m.last() - m.first()));
    out["bytesTotal"] = Napi::Number::New(env, static_cast<double>(m.bytes()));
    Napi::Array traces = Napi::Array::New(env), streams = Napi::Array::New(env);
    for (const auto& t : m.traces()) traces[traces.Length()] = describe_trace(env, *t);
    for (const auto& s : m.streams()) streams[streams.Length()] = describe_stream(env, s);
    out["traces"] = traces;
    out["streams"] = streams;
    return out;
  }

  /// start(capacity, offsets: {time, event, stream, cpu, cells[]}, buffers: ArrayBuffer[], notify)
  void start(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const Napi::Object offsets = call[1].As<Napi::Object>();
    const Napi::Array cells = offsets.Get("cells").As<Napi::Array>(), buffers = call[2].As<Napi::Array>();
    const auto offset = [&](const char* name) { return offsets.Get(name).ToNumber().Int64Value(); };
    std::vector<ctf::Batch> slots(buffers.Length());
    for (uint32_t i = 0; i < buffers.Length(); i++) {
      Napi::ArrayBuffer buffer = buffers.Get(i).As<Napi::ArrayBuffer>();
      memory_.push_back(Napi::Persistent(buffer));
      uint8_t* base = static_cast<uint8_t*>(buffer.Data());
      ctf::Batch& b = slots[i];
      b.capacity = call[0].ToNumber().Uint32Value();
      b.time = reinterpret_cast<double*>(base + offset("time"));
      b.event = reinterpret_cast<uint16_t*>(base + offset("event"));
      b.stream = reinterpret_cast<uint16_t*>(base + offset("stream"));
      b.cpu = reinterpret_cast<int16_t*>(base + offset("cpu"));
      for (uint32_t c = 0; c < cells.Length(); c++) b.cells.push_back(base + cells.Get(c).ToNumber().Int64Value());
    }
    notify_ = Napi::ThreadSafeFunction::New(env, call[3].As<Napi::Function>(), "boxtop batch", 0, 1);
    notify_.Unref(env);
    env_ = env;
    // Runs before the environment's own clean-up of `notify_`: hooks run in the reverse order of their adding.
    napi_add_env_cleanup_hook(env, clean_up, this);
    started_ = true;
    reader_->start(std::move(slots), [this] { notify_.NonBlockingCall(); });
  }

  /// A slot's {slot, length, watermark, losses, events}; null: wait for the notification; undefined: the end.
  Napi::Value take(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    size_t slot = 0;
    Reader::State state;
    try {
      state = reader_->take(slot);
    } catch (const std::exception& e) {
      throw Napi::Error::New(env, e.what());
    }
    if (state == Reader::State::End) return env.Undefined();
    if (state == Reader::State::Waiting) {
      notify_.Ref(env);  // the process waits with us
      return env.Null();
    }
    const ctf::Batch& b = reader_->batch(slot);
    const int64_t origin = reader_->merge().first();
    Napi::Object out = Napi::Object::New(env);
    out["slot"] = Napi::Number::New(env, static_cast<double>(slot));
    out["length"] = Napi::Number::New(env, b.length);
    out["watermark"] = Napi::Number::New(env, static_cast<double>(b.watermark - origin));
    out["events"] = Napi::Number::New(env, static_cast<double>(reader_->merge().names().size()));
    Napi::Array losses = Napi::Array::New(env);
    static const char* const kinds[] = {"discarded-events", "lost-packets", "truncated-packet", "corrupt-packet"};
    for (const ctf::Loss& l : b.losses) {
      Napi::Object loss = Napi::Object::New(env);
      loss["kind"] = Napi::String::New(env, kinds[l.kind]);
      loss["stream"] = Napi::Number::New(env, l.stream);
      loss["count"] = l.counted ? Napi::Value(Napi::Number::New(env, static_cast<double>(l.count))) : env.Undefined();
      loss["begin"] = Napi::Number::New(env, static_cast<double>(l.begin - origin));
      loss["end"] = Napi::Number::New(env, static_cast<double>(l.end - origin));
      loss["row"] = Napi::Number::New(env, l.row);
      loss["message"] = Napi::String::New(env, l.message);
      losses[losses.Length()] = loss;
    }
    out["losses"] = losses;
    return out;
  }

  void release(const Napi::CallbackInfo& call) { reader_->release(call[0].ToNumber().Uint32Value()); }

  /// string(slot, id)
  Napi::Value string(const Napi::CallbackInfo& call) {
    const std::string_view s = reader_->batch(call[0].ToNumber().Uint32Value()).strings.get(call[1].ToNumber().Uint32Value());
    return s.data() ? Napi::Value(Napi::String::New(call.Env(), s.data(), s.size())) : call.Env().Undefined();
  }

  /// list(slot, id)
  Napi::Value list(const Napi::CallbackInfo& call) {
    const ctf::Batch& b = reader_->batch(call[0].ToNumber().Uint32Value());
    const uint32_t id = call[1].ToNumber().Uint32Value();
    if (!id || id >= b.lists.size()) return call.Env().Undefined();
    const uint32_t length = static_cast<uint32_t>(b.lists[id]);
    Napi::Array out = Napi::Array::New(call.Env(), length);
    for (uint32_t i = 0; i < length; i++) out[i] = Napi::Number::New(call.Env(), b.lists[id + 1 + i]);
    return out;
  }

  Napi::Value event_name(const Napi::CallbackInfo& call) { return Napi::String::New(call.Env(), reader_->merge().names().name(call[0].ToNumber().Uint32Value())); }

  /// Counts in the order of names.
  Napi::Value event_counts(const Napi::CallbackInfo& call) {
    const ctf::EventNames& names = reader_->merge().names();
    Napi::Array out = Napi::Array::New(call.Env());
    for (uint32_t i = 0; i < names.size(); i++) out[i] = Napi::Number::New(call.Env(), static_cast<double>(names.count(i)));
    return out;
  }

  Napi::Value counters(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const ctf::Totals& t = reader_->merge().totals();
    Napi::Object out = Napi::Object::New(env);
    const auto number = [&](const std::atomic<uint64_t>& v) { return Napi::Number::New(env, static_cast<double>(v.load())); };
    out["rows"] = number(t.rows);
    out["packets"] = number(t.packets);
    out["bytesRead"] = number(t.bytes_read);
    out["discardedEvents"] = number(t.discarded_events);
    out["lostPackets"] = number(t.lost_packets);
    const int64_t position = t.position.load();
    out["position"] = position == INT64_MIN ? env.Undefined() : Napi::Value(Napi::Number::New(env, static_cast<double>(position - reader_->merge().first())));
    return out;
  }

  void close(const Napi::CallbackInfo&) { shut(); }

  static void clean_up(void* self) {
    auto* source = static_cast<NativeSource*>(self);
    source->reader_->close();
    source->started_ = false;
  }

  void shut() {
    if (reader_) reader_->close();
    if (!started_) return;
    started_ = false;
    napi_remove_env_cleanup_hook(env_, clean_up, this);
    notify_.Release();
  }

  std::unique_ptr<Reader> reader_;
  Napi::ThreadSafeFunction notify_;
  std::vector<Napi::Reference<Napi::ArrayBuffer>> memory_;
  napi_env env_ = nullptr;
  bool started_ = false;
};

struct Addon {
  Napi::FunctionReference source;
};

/// Opens on a thread of the pool: many files, perhaps a slow disk.
class OpenWorker : public Napi::AsyncWorker {
 public:
  OpenWorker(Napi::Env env, std::vector<std::string> paths, ctf::Subscription subscription, ctf::Range range)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), paths_(std::move(paths)), subscription_(std::move(subscription)), range_(range) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { merge_ = std::make_unique<ctf::Merge>(paths_, subscription_, range_); }
  void OnOK() override {
    Napi::Object object = Env().GetInstanceData<Addon>()->source.New({});
    NativeSource::Unwrap(object)->adopt(std::move(merge_));
    deferred_.Resolve(object);
  }
  void OnError(const Napi::Error& e) override { deferred_.Reject(e.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  std::vector<std::string> paths_;
  ctf::Subscription subscription_;
  ctf::Range range_;
  std::unique_ptr<ctf::Merge> merge_;
};

std::vector<std::string> texts(const Napi::Value& value) {
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<std::string> out;
  for (uint32_t i = 0; i < array.Length(); i++) out.push_back(array.Get(i).ToString().Utf8Value());
  return out;
}

/// open(paths, column names, column types (0..4), selections: {events, columns (indices)}[], begin, end) → Promise<NativeSource>
Napi::Value open(const Napi::CallbackInfo& call) {
  ctf::Subscription subscription;
  const std::vector<std::string> names = texts(call[1]);
  const Napi::Array types = call[2].As<Napi::Array>(), selections = call[3].As<Napi::Array>();
  for (uint32_t i = 0; i < names.size(); i++) subscription.columns.push_back({names[i], static_cast<ctf::ColumnType>(types.Get(i).ToNumber().Uint32Value())});
  for (uint32_t i = 0; i < selections.Length(); i++) {
    const Napi::Object s = selections.Get(i).As<Napi::Object>();
    const Napi::Array columns = s.Get("columns").As<Napi::Array>();
    ctf::Selection selection{texts(s.Get("events")), {}};
    for (uint32_t c = 0; c < columns.Length(); c++) selection.columns.push_back(columns.Get(c).ToNumber().Uint32Value());
    subscription.selections.push_back(std::move(selection));
  }
  bool lossless;
  ctf::Range range;
  if (call[4].IsBigInt()) range.begin = call[4].As<Napi::BigInt>().Int64Value(&lossless);
  if (call[5].IsBigInt()) range.end = call[5].As<Napi::BigInt>().Int64Value(&lossless);
  auto* worker = new OpenWorker(call.Env(), texts(call[0]), std::move(subscription), range);
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* addon = new Addon;
  addon->source = Napi::Persistent(NativeSource::define(env));
  env.SetInstanceData(addon);
  exports["open"] = Napi::Function::New(env, open, "open");
  return exports;
}

}  // namespace

NODE_API_MODULE(boxtop, init)
