// The addon: what native/index.ts calls. Arguments were checked there.
#include <napi.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "live/live_source.h"
#include "reader.h"

namespace {

using boxtop::Reader;

Napi::Array texts(Napi::Env env, const std::vector<std::string>& list) {
  Napi::Array out = Napi::Array::New(env, list.size());
  for (uint32_t i = 0; i < list.size(); i++) out[i] = Napi::String::New(env, list[i]);
  return out;
}

Napi::Object trace_object(Napi::Env env, const ctf::TraceDescription& trace) {
  Napi::Object out = Napi::Object::New(env);
  // Entries: a name may be `__proto__`, which cannot be set like others.
  Napi::Array environment = Napi::Array::New(env, trace.env.size());
  for (uint32_t i = 0; i < trace.env.size(); i++) {
    const auto& [key, value] = trace.env[i];
    Napi::Array entry = Napi::Array::New(env, 2);
    entry[0u] = Napi::String::New(env, key);
    entry[1u] = value.is_string ? Napi::Value(Napi::String::New(env, value.text)) : Napi::Value(Napi::Number::New(env, static_cast<double>(value.number)));
    environment[i] = entry;
  }
  Napi::Array declared = Napi::Array::New(env, trace.declared.size());
  const Napi::String name = Napi::String::New(env, "name"), stream_class = Napi::String::New(env, "streamClass");
  const Napi::String fields = Napi::String::New(env, "fields"), context = Napi::String::New(env, "context");
  // Events of one channel have the same context: they share the list.
  const std::vector<std::string>* same = nullptr;
  Napi::Array contexts;
  for (uint32_t i = 0; i < trace.declared.size(); i++) {
    const ctf::DeclaredEvent& event = trace.declared[i];
    if (!same || *same != event.context) contexts = texts(env, event.context);
    same = &event.context;
    Napi::Object e = Napi::Object::New(env);
    e.Set(name, Napi::String::New(env, event.name));
    e.Set(stream_class, Napi::Number::New(env, static_cast<double>(event.stream_class)));
    e.Set(fields, texts(env, event.fields));
    e.Set(context, contexts);
    declared[i] = e;
  }
  out["paths"] = texts(env, trace.paths);
  out["env"] = environment;
  out["uuid"] = Napi::String::New(env, trace.uuid);
  out["declared"] = declared;
  return out;
}

Napi::Object stream_object(Napi::Env env, const ctf::StreamDescription& stream) {
  Napi::Object out = Napi::Object::New(env);
  out["trace"] = Napi::Number::New(env, stream.trace);
  out["streamClass"] = Napi::Number::New(env, static_cast<double>(stream.stream_class));
  out["channel"] = Napi::String::New(env, stream.channel);
  out["cpu"] = stream.cpu ? Napi::Value(Napi::Number::New(env, static_cast<double>(*stream.cpu))) : env.Undefined();
  out["files"] = texts(env, stream.files);
  return out;
}

/// One open source. Decodes from `start` to `close` (or the end of its environment, or garbage collection).
class NativeSource : public Napi::ObjectWrap<NativeSource> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeSource",
                       {InstanceMethod<&NativeSource::info>("info"), InstanceMethod<&NativeSource::start>("start"), InstanceMethod<&NativeSource::take>("take"), InstanceMethod<&NativeSource::losses>("losses"), InstanceMethod<&NativeSource::release>("release"),
                        InstanceMethod<&NativeSource::string>("string"), InstanceMethod<&NativeSource::list>("list"), InstanceMethod<&NativeSource::event_name>("eventName"),
                        InstanceMethod<&NativeSource::event_counts>("eventCounts"), InstanceMethod<&NativeSource::counters>("counters"), InstanceMethod<&NativeSource::close>("close")});
  }

  explicit NativeSource(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeSource>(info) {}
  ~NativeSource() { shut(); }

  void adopt(std::unique_ptr<ctf::EventSource> source) { reader_ = std::make_unique<Reader>(std::move(source)); }

 private:
  /// {end, bytesTotal, traces, streams}: what there is now.
  Napi::Value info(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const ctf::EventSource& source = reader_->source();
    Napi::Object out = Napi::Object::New(env);
    out["version"] = Napi::Number::New(env, source.version());
    out["origin"] = origin(env);
    out["end"] = source.last() ? Napi::Value(Napi::Number::New(env, static_cast<double>(*source.last() - source.origin()))) : env.Undefined();
    out["bytesTotal"] = source.bytes() ? Napi::Value(Napi::Number::New(env, static_cast<double>(*source.bytes()))) : env.Undefined();
    Napi::Array traces = Napi::Array::New(env), streams = Napi::Array::New(env);
    for (const auto& t : source.traces()) traces[traces.Length()] = told(env, t);
    for (const auto& s : source.streams()) streams[streams.Length()] = stream_object(env, s);
    out["traces"] = traces;
    out["streams"] = streams;
    return out;
  }

  /// The same object as long as nothing about the trace has changed: there may be a thousand events in it.
  Napi::Object told(Napi::Env env, const std::shared_ptr<const ctf::TraceDescription>& trace) {
    const auto known = std::find_if(told_.begin(), told_.end(), [&](const auto& one) { return one.first == trace; });
    if (known != told_.end()) return known->second.Value();
    // Who is described anew is not asked for any more as it was.
    std::erase_if(told_, [](const auto& one) { return one.first.use_count() == 1; });
    told_.emplace_back(trace, Napi::Persistent(trace_object(env, *trace)));
    return told_.back().second.Value();
  }

  Napi::Value origin(Napi::Env env) const {
    const int64_t origin = reader_->source().origin();
    return Napi::BigInt::New(env, origin == ctf::Merge::kFirstEvent ? int64_t(0) : origin);
  }

  /// start(capacity, offsets: {time, event, stream, cpu, cells[]}, buffers: ArrayBuffer[], taken: Float64Array, notify)
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
    Napi::Float64Array taken = call[3].As<Napi::Float64Array>();
    memory_.push_back(Napi::Persistent(taken.ArrayBuffer()));
    taken_ = taken.Data();
    napi_create_threadsafe_function(env, call[4], nullptr, Napi::String::New(env, "boxtop batch"), 0, 1, nullptr, nullptr, this, notified, &notify_);
    napi_unref_threadsafe_function(env, notify_);
    env_ = env;
    // Runs before the environment's own clean-up of `notify_`: hooks run in the reverse order of their adding.
    napi_add_env_cleanup_hook(env, clean_up, this);
    started_ = true;
    reader_->start(std::move(slots), [this] { napi_call_threadsafe_function(notify_, nullptr, napi_tsfn_nonblocking); });
  }

  /// The oldest filled slot; -1: wait for the notification; -2: the end. What is to be told of the batch goes into `taken`, as
  /// `Taken` of native/index.ts names it: an array instead of an object, because there are thousands of batches a second.
  Napi::Value take(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    size_t slot = 0;
    Reader::State state;
    try {
      state = reader_->take(slot);
    } catch (const std::exception& e) {
      throw Napi::Error::New(env, e.what());
    }
    if (state == Reader::State::End) return Napi::Number::New(env, -2);
    if (state == Reader::State::Waiting) {
      napi_ref_threadsafe_function(env, notify_);  // the process waits with us
      return Napi::Number::New(env, -1);
    }
    const ctf::Batch& b = reader_->batch(slot);
    const ctf::EventSource& source = reader_->source();
    const double numbers[] = {
        static_cast<double>(b.length),
        // Of one from before the first event there is no time to tell.
        b.watermark == ctf::Merge::kFirstEvent ? 0 : static_cast<double>(b.watermark - source.origin()),
        static_cast<double>(b.losses.size()),
        static_cast<double>(b.strings.generation()),
        static_cast<double>(b.lists.generation()),
        static_cast<double>(source.names().size()),
        static_cast<double>(source.version()),
    };
    std::copy(std::begin(numbers), std::end(numbers), taken_);
    return Napi::Number::New(env, static_cast<double>(slot));
  }

  /// losses(slot)
  Napi::Value losses(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const int64_t origin = reader_->source().origin();
    Napi::Array losses = Napi::Array::New(env);
    static const char* const kinds[] = {"discarded-events", "lost-packets", "truncated-packet", "corrupt-packet"};
    for (const ctf::Loss& l : reader_->batch(call[0].ToNumber().Uint32Value()).losses) {
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
    return losses;
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
    const std::span<const double> list = b.list(call[1].ToNumber().Uint32Value());
    if (!list.data()) return call.Env().Undefined();
    Napi::Array out = Napi::Array::New(call.Env(), list.size());
    for (uint32_t i = 0; i < list.size(); i++) out[i] = Napi::Number::New(call.Env(), list[i]);
    return out;
  }

  Napi::Value event_name(const Napi::CallbackInfo& call) { return Napi::String::New(call.Env(), reader_->source().names().name(call[0].ToNumber().Uint32Value())); }

  /// Counts in the order of names.
  Napi::Value event_counts(const Napi::CallbackInfo& call) {
    const ctf::EventNames& names = reader_->source().names();
    Napi::Array out = Napi::Array::New(call.Env());
    for (uint32_t i = 0; i < names.size(); i++) out[i] = Napi::Number::New(call.Env(), static_cast<double>(names.count(i)));
    return out;
  }

  Napi::Value counters(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    const ctf::Totals& t = reader_->source().totals();
    Napi::Object out = Napi::Object::New(env);
    const auto number = [&](const std::atomic<uint64_t>& v) { return Napi::Number::New(env, static_cast<double>(v.load())); };
    out["rows"] = number(t.rows);
    out["packets"] = number(t.packets);
    out["bytesRead"] = number(t.bytes_read);
    out["discardedEvents"] = number(t.discarded_events);
    out["lostPackets"] = number(t.lost_packets);
    const std::string trouble = reader_->source().trouble();
    out["trouble"] = trouble.empty() ? env.Undefined() : Napi::Value(Napi::String::New(env, trouble));
    const int64_t position = t.position.load();
    out["position"] = position == INT64_MIN ? env.Undefined() : Napi::Value(Napi::Number::New(env, static_cast<double>(position - reader_->source().origin())));
    return out;
  }

  void close(const Napi::CallbackInfo&) { shut(); }

  /// On the JavaScript thread. The environment may be ending: then nothing can be called, and nobody waits.
  static void notified(napi_env env, napi_value callback, void* self, void*) {
    if (!env || !callback) return;
    napi_unref_threadsafe_function(env, static_cast<NativeSource*>(self)->notify_);
    napi_value undefined, result;
    if (napi_get_undefined(env, &undefined) == napi_ok) napi_call_function(env, undefined, callback, 0, nullptr, &result);
  }

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
    napi_release_threadsafe_function(notify_, napi_tsfn_abort);
  }

  std::unique_ptr<Reader> reader_;
  napi_threadsafe_function notify_ = nullptr;
  std::vector<Napi::Reference<Napi::ArrayBuffer>> memory_;
  std::vector<std::pair<std::shared_ptr<const ctf::TraceDescription>, Napi::ObjectReference>> told_;
  double* taken_ = nullptr;
  napi_env env_ = nullptr;
  bool started_ = false;
};

struct Addon {
  Napi::FunctionReference source;
};

/// What is to be opened: files, or live sessions.
struct Order {
  std::vector<std::string> paths;
  ctf::Subscription subscription;
  ctf::Range range;
  bool live;
  live::SessionOptions session;
};

/// Opens on a thread of the pool: many files, perhaps a slow disk; or a connection.
class OpenWorker : public Napi::AsyncWorker {
 public:
  OpenWorker(Napi::Env env, Order order) : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), order_(std::move(order)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    if (order_.live) source_ = std::make_unique<live::LiveSource>(order_.paths, order_.subscription, order_.session);
    else source_ = std::make_unique<ctf::FileSource>(order_.paths, order_.subscription, order_.range);
  }
  void OnOK() override {
    Napi::Object object = Env().GetInstanceData<Addon>()->source.New({});
    NativeSource::Unwrap(object)->adopt(std::move(source_));
    deferred_.Resolve(object);
  }
  void OnError(const Napi::Error& e) override { deferred_.Reject(e.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Order order_;
  std::unique_ptr<ctf::EventSource> source_;
};

class ListWorker : public Napi::AsyncWorker {
 public:
  ListWorker(Napi::Env env, std::string url) : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), url_(std::move(url)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { offered_ = live::list_sessions(url_); }
  void OnOK() override {
    Napi::Array out = Napi::Array::New(Env());
    for (const live::Offered& o : offered_) {
      Napi::Object s = Napi::Object::New(Env());
      s["url"] = Napi::String::New(Env(), o.url);
      s["host"] = Napi::String::New(Env(), o.session.host);
      s["name"] = Napi::String::New(Env(), o.session.name);
      s["liveTimerUs"] = Napi::Number::New(Env(), o.session.live_timer_us);
      s["viewers"] = Napi::Number::New(Env(), o.session.clients);
      s["streams"] = Napi::Number::New(Env(), o.session.streams);
      s["isCtf2"] = Napi::Boolean::New(Env(), o.session.ctf2);
      out[out.Length()] = s;
    }
    deferred_.Resolve(out);
  }
  void OnError(const Napi::Error& e) override { deferred_.Reject(e.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  std::string url_;
  std::vector<live::Offered> offered_;
};

std::vector<std::string> strings(const Napi::Value& value) {
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<std::string> out;
  for (uint32_t i = 0; i < array.Length(); i++) out.push_back(array.Get(i).ToString().Utf8Value());
  return out;
}

/// open(paths, column names, column types (0..4), selections: {events, columns (indices)}[], begin, end, from now, retry ms) → Promise<NativeSource>
Napi::Value open(const Napi::CallbackInfo& call) {
  ctf::Subscription subscription;
  const std::vector<std::string> names = strings(call[1]);
  const Napi::Array types = call[2].As<Napi::Array>(), selections = call[3].As<Napi::Array>();
  for (uint32_t i = 0; i < names.size(); i++) subscription.columns.push_back({names[i], static_cast<ctf::ColumnType>(types.Get(i).ToNumber().Uint32Value())});
  for (uint32_t i = 0; i < selections.Length(); i++) {
    const Napi::Object s = selections.Get(i).As<Napi::Object>();
    const Napi::Array columns = s.Get("columns").As<Napi::Array>();
    ctf::Selection selection{strings(s.Get("events")), {}};
    for (uint32_t c = 0; c < columns.Length(); c++) selection.columns.push_back(columns.Get(c).ToNumber().Uint32Value());
    subscription.selections.push_back(std::move(selection));
  }
  bool lossless;
  ctf::Range range;
  if (call[4].IsBigInt()) range.begin = call[4].As<Napi::BigInt>().Int64Value(&lossless);
  if (call[5].IsBigInt()) range.end = call[5].As<Napi::BigInt>().Int64Value(&lossless);
  std::vector<std::string> paths = strings(call[0]);
  const bool is_live = live::is_url(paths[0]);
  live::SessionOptions session;
  if (call[6].ToBoolean()) session.seek = live::Seek::Last;
  if (call[7].IsNumber()) session.retry = std::chrono::milliseconds(call[7].ToNumber().Int64Value());
  auto* worker = new OpenWorker(call.Env(), {std::move(paths), std::move(subscription), range, is_live, session});
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

/// sessions(url) → Promise<LiveSession[]>
Napi::Value sessions(const Napi::CallbackInfo& call) {
  auto* worker = new ListWorker(call.Env(), call[0].ToString());
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* addon = new Addon;
  addon->source = Napi::Persistent(NativeSource::define(env));
  env.SetInstanceData(addon);
  exports["sessions"] = Napi::Function::New(env, sessions, "sessions");
  exports["open"] = Napi::Function::New(env, open, "open");
  return exports;
}

}  // namespace

NODE_API_MODULE(boxtop, init)
