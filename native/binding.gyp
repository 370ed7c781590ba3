{
  "targets": [
    {
      "target_name": "boxtop",
      "sources": [
        "src/binding.cc",
        "src/reader.cc",
        "<!@(ls src/ctf/*.cc src/live/*.cc)"
      ],
      "include_dirs": ["src", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O3", "-Wall", "-Wextra", "-fexceptions", "-fvisibility=hidden"],
      "defines!": ["NAPI_DISABLE_CPP_EXCEPTIONS"],
      "conditions": [
        # The decoder's loop goes through several files: a few per cent. clang would need a linker of its own for it.
        ["\"<!(${CXX:-g++} --version | grep -c clang || true)\" == \"0\"", {
          "cflags_cc": ["-flto=auto"],
          "ldflags": ["-flto=auto", "-O3"]
        }]
      ]
    }
  ]
}
