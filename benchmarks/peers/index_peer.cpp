// Libraries that users would choose instead of SimNet.Index, measured as SearchMeasurement.cs measures SimNet's indexes: one index in a
// process, ten neighbors. setup.sh compiles it once for each library, with one of -DANNOY, -DHNSWLIB, -DFAISS, -DFLANN.
//   index_peer list
//     prints the indexes that it builds, a line each: PEER<tab>BUILD
//   index_peer PEER BUILD BASE.f32 QUERY.f32 TRUTH.f64 DIMENSIONS THREADS [METRIC [EFFORT,...]]
//     prints a JSON line for each search setting: up to perfect recall, or all of the efforts that are given
// Vectors are raw little-endian float32; TRUTH has each query's distance to its true tenth neighbor as float64. METRIC is euclidean (the
// default), cosine or inner-product; the distance of the latter is the negative product. BUILD may have other numbers than those listed.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>
#include <sys/wait.h>
#include <unistd.h>
#if defined(ANNOY)
#define ANNOYLIB_MULTITHREADED_BUILD
#include "annoylib.h"
#include "kissrandom.h"
#elif defined(HNSWLIB)
#include <hnswlib/hnswlib.h>
#elif defined(FAISS)
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/index_io.h>
#include <omp.h>
#elif defined(FLANN)
#include <flann/flann.hpp>
#else
#error define one of ANNOY, HNSWLIB, FAISS, FLANN
#endif

using Clock = std::chrono::steady_clock;

constexpr int Neighbors = 10;
constexpr int Passes = 3;
constexpr double MaxSecondsPerPass = 10;
constexpr double EnoughRecall = 0.9995;
constexpr double RelativeTolerance = 1e-6;

enum class Metric { Euclidean, Cosine, InnerProduct };

static size_t dimensions, rows, queries, threads;
static Metric metric = Metric::Euclidean;
static std::vector<float> base, query;
static std::vector<double> truth;
static std::vector<int> given_efforts;

static double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class T>
static std::vector<T> read_all(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) { fprintf(stderr, "cannot open %s\n", path); exit(2); }
  std::vector<T> values(size_t(file.tellg()) / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
  return values;
}

// The most memory that this process had resident, in megabytes of a million bytes.
static long peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return long(std::atol(line.c_str() + 6) * 1024 / 1000000);
  }
  return 0;
}

// The size of the index as a file, by writing one.
static long file_bytes(const std::function<void(const std::string&)>& save) {
  std::string path = (std::filesystem::temp_directory_path() / ("simnet-peer-" + std::to_string(getpid()) + ".index")).string();
  save(path);
  long size = long(std::filesystem::file_size(path));
  std::filesystem::remove(path);
  return size;
}

static void parallel(size_t count, const std::function<void(size_t)>& body) {
  if (threads == 1) {
    for (size_t i = 0; i < count; i++) body(i);
    return;
  }
  std::atomic<size_t> next{0};
  std::vector<std::thread> team;
  for (size_t t = 0; t < threads; t++) team.emplace_back([&] { for (size_t i; (i = next++) < count;) body(i); });
  for (auto& thread : team) thread.join();
}

static double distance(const float* a, const float* b) {
  double squares = 0, product = 0, squares_a = 0, squares_b = 0;
  for (size_t j = 0; j < dimensions; j++) {
    double difference = double(a[j]) - b[j];
    squares += difference * difference;
    product += double(a[j]) * b[j];
    squares_a += double(a[j]) * a[j];
    squares_b += double(b[j]) * b[j];
  }
  switch (metric) {
    case Metric::Euclidean: return std::sqrt(squares);
    case Metric::Cosine: return squares_a == 0 || squares_b == 0 ? 1 : 1 - product / std::sqrt(squares_a * squares_b);
    default: return -product;
  }
}

// Recall@k of a query by distance: the share of k different rows that lie no farther than the true k-th neighbor.
static double recall(size_t q, const int* ids) {
  std::set<int> different(ids, ids + Neighbors);
  double farthest = truth[q] + std::abs(truth[q]) * RelativeTolerance;
  int near = 0;
  for (int id : different) near += id >= 0 && distance(&query[q * dimensions], &base[size_t(id) * dimensions]) <= farthest;
  return near / double(Neighbors);
}

// The number that follows a name in a build such as "M=16,efC=200".
static int number(const std::string& build, const std::string& name) {
  size_t at = build.find(name + "=");
  if (at == std::string::npos) { fprintf(stderr, "no %s in '%s'\n", name.c_str(), build.c_str()); exit(2); }
  return std::atoi(build.c_str() + at + name.size() + 1);
}

// Measures the given efforts, or these up to perfect recall.
static void sweep(const std::vector<int>& efforts, const std::function<bool(int)>& measure_effort) {
  for (int effort : given_efforts.empty() ? efforts : given_efforts) {
    if (!measure_effort(effort) && given_efforts.empty()) break;
  }
}

[[maybe_unused]] static void require_euclidean(const std::string& peer) {
  if (metric != Metric::Euclidean) { fprintf(stderr, "%s is measured with euclidean only\n", peer.c_str()); exit(2); }
}

struct Built {
  std::string peer, build;
  double seconds;
  long bytes;
};

// Prints one row: an untimed pass, then timed ones. find, which must be thread-safe, fills ten ids for a query. Returns whether a larger
// effort can raise the recall.
template <class Find>
static bool measure(const Built& built, const std::string& search, Find find) {
  std::vector<int> ids(queries * Neighbors, -1);
  std::vector<double> latencies(queries), all, rates;
  auto search_one = [&](size_t q) {
    auto start = Clock::now();
    find(&query[q * dimensions], &ids[q * Neighbors]);
    latencies[q] = seconds_since(start);
  };

  // An untimed pass, which also limits the queries that a slow index gets.
  auto begin = Clock::now();
  size_t answered = 0;
  for (size_t step = 16; answered < queries && seconds_since(begin) < MaxSecondsPerPass;) {
    size_t first = answered, count = std::min(step, queries - answered);
    parallel(count, [&](size_t i) { search_one(first + i); });
    answered += count;
  }

  for (int pass = 0; pass < Passes; pass++) {
    auto start = Clock::now();
    parallel(answered, search_one);
    rates.push_back(answered / seconds_since(start));
    all.insert(all.end(), latencies.begin(), latencies.begin() + answered);
  }

  std::sort(rates.begin(), rates.end());
  std::sort(all.begin(), all.end());
  double mean = 0;
  for (size_t q = 0; q < answered; q++) mean += recall(q, &ids[q * Neighbors]) / answered;
  printf("{\"peer\":\"%s\",\"build\":\"%s\",\"build_s\":%.3f,\"search\":\"%s\",\"recall\":%.4f,\"qps\":%.1f,"
         "\"file_bytes\":%ld,\"peak_mb\":%ld,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
         built.peer.c_str(), built.build.c_str(), built.seconds, search.c_str(), mean, rates[Passes / 2], built.bytes, peak_megabytes(),
         all[all.size() / 2] * 1e6, all[all.size() * 99 / 100] * 1e6);
  fflush(stdout);
  return mean <= EnoughRecall;
}

struct Setting {
  const char* peer;
  const char* build;
  void (*run)(const std::string& peer, const std::string& build);
};

#if defined(ANNOY)
template <class Distance>
static void annoy(const std::string& peer, const std::string& build) {
  AnnoyIndex<int, float, Distance, Kiss64Random, AnnoyIndexMultiThreadedBuildPolicy> index(dimensions);
  auto start = Clock::now();
  for (size_t i = 0; i < rows; i++) index.add_item(int(i), &base[i * dimensions]);
  index.build(number(build, "trees"), int(threads));
  Built built{peer, build, seconds_since(start), 0};
  // After saving, Annoy searches the mapped file. A copy of the process saves, so that searches read memory as the others' do.
  built.bytes = file_bytes([&](const std::string& path) {
    pid_t copy = fork();
    if (copy == 0) _exit(index.save(path.c_str()) ? 0 : 1);
    waitpid(copy, nullptr, 0);
  });
  sweep({100, 250, 500, 1000, 2000, 5000, 10000, 20000, 40000, 80000}, [&](int effort) {
    return measure(built, "search_k=" + std::to_string(effort), [&](const float* q, int* ids) {
      thread_local std::vector<int> found;
      found.clear();
      index.get_nns_by_vector(q, Neighbors, effort, &found, nullptr);
      std::copy(found.begin(), found.end(), ids);
    });
  });
}

static void annoy_by_metric(const std::string& peer, const std::string& build) {
  switch (metric) {
    case Metric::Euclidean: return annoy<Euclidean>(peer, build);
    case Metric::Cosine: return annoy<Angular>(peer, build);
    default: return annoy<DotProduct>(peer, build);
  }
}

static const std::vector<Setting> settings = {
  {"annoy", "trees=10", annoy_by_metric},
  {"annoy", "trees=50", annoy_by_metric},
  {"annoy", "trees=200", annoy_by_metric},
};
#elif defined(HNSWLIB)
// Scales a vector to length one; zeros stay.
static void normalize(float* vector) {
  double squares = 0;
  for (size_t j = 0; j < dimensions; j++) squares += double(vector[j]) * vector[j];
  double norm = squares > 0 ? std::sqrt(squares) : 1;
  for (size_t j = 0; j < dimensions; j++) vector[j] = float(vector[j] / norm);
}

static void hnsw(const std::string& peer, const std::string& build) {
  // The nearest by cosine are the nearest of vectors of length one. Recall is of the vectors as they are.
  std::vector<float> unit;
  if (metric == Metric::Cosine) unit = base;
  for (size_t at = 0; at < unit.size(); at += dimensions) normalize(&unit[at]);
  const float* vectors = unit.empty() ? base.data() : unit.data();
  hnswlib::L2Space l2(dimensions);
  hnswlib::InnerProductSpace product(dimensions);
  auto space = metric == Metric::InnerProduct ? static_cast<hnswlib::SpaceInterface<float>*>(&product) : &l2;
  hnswlib::HierarchicalNSW<float> index(space, rows, number(build, "M"), number(build, "efC"));
  auto start = Clock::now();
  index.addPoint(vectors, 0);
  parallel(rows - 1, [&](size_t i) { index.addPoint(vectors + (i + 1) * dimensions, i + 1); });
  Built built{peer, build, seconds_since(start), 0};
  built.bytes = file_bytes([&](const std::string& path) { index.saveIndex(path); });
  sweep({10, 12, 15, 17, 20, 25, 30, 40, 60, 80, 120, 200, 400, 800}, [&](int effort) {
    index.setEf(effort);
    return measure(built, "ef=" + std::to_string(effort), [&](const float* q, int* ids) {
      thread_local std::vector<float> unit_query;
      if (metric == Metric::Cosine) {
        unit_query.assign(q, q + dimensions);
        normalize(unit_query.data());
        q = unit_query.data();
      }
      auto found = index.searchKnn(q, Neighbors);
      for (int i = int(found.size()); !found.empty(); found.pop()) ids[--i] = int(found.top().second);
    });
  });
}

static const std::vector<Setting> settings = {
  {"hnswlib", "M=16,efC=200", hnsw},
  {"hnswlib", "M=16,efC=500", hnsw},
  {"hnswlib", "M=32,efC=200", hnsw},
};
#elif defined(FAISS)
static auto finder(const faiss::Index& index) {
  return [&](const float* q, int* ids) {
    float distances[Neighbors];
    faiss::Index::idx_t labels[Neighbors];
    index.search(1, q, Neighbors, distances, labels);
    std::copy(labels, labels + Neighbors, ids);
  };
}

static Built build_faiss(const std::string& peer, const std::string& build, faiss::Index& index) {
  require_euclidean(peer);
  omp_set_num_threads(int(threads));
  auto start = Clock::now();
  index.train(rows, base.data());
  index.add(rows, base.data());
  Built built{peer, build, seconds_since(start), 0};
  // Each thread searches for a query of its own, which must not be split over more threads.
  omp_set_num_threads(1);
  built.bytes = file_bytes([&](const std::string& path) { faiss::write_index(&index, path.c_str()); });
  return built;
}

static void flat(const std::string& peer, const std::string& build) {
  faiss::IndexFlatL2 index(dimensions);
  Built built = build_faiss(peer, build, index);
  measure(built, "exact", finder(index));
}

static void ivf(const std::string& peer, const std::string& build) {
  faiss::IndexFlatL2 coarse(dimensions);
  faiss::IndexIVFFlat index(&coarse, dimensions, number(build, "nlist"));
  Built built = build_faiss(peer, build, index);
  sweep({1, 2, 4, 8, 16, 32, 64, 128, 256}, [&](int probes) {
    index.nprobe = probes;
    return measure(built, "nprobe=" + std::to_string(probes), finder(index));
  });
}

static void hnsw(const std::string& peer, const std::string& build) {
  faiss::IndexHNSWFlat index(dimensions, number(build, "M"));
  index.hnsw.efConstruction = number(build, "efC");
  Built built = build_faiss(peer, build, index);
  sweep({10, 12, 15, 17, 20, 25, 30, 40, 60, 80, 120, 200, 400, 800}, [&](int effort) {
    index.hnsw.efSearch = effort;
    return measure(built, "ef=" + std::to_string(effort), finder(index));
  });
}

static const std::vector<Setting> settings = {
  {"faiss-flat", "", flat},
  {"faiss-ivf", "nlist=256", ivf},
  {"faiss-ivf", "nlist=1024", ivf},
  {"faiss-hnsw", "M=16,efC=200", hnsw},
  {"faiss-hnsw", "M=32,efC=200", hnsw},
};
#else
static void kd_forest(const std::string& peer, const std::string& build) {
  require_euclidean(peer);
  flann::Matrix<float> data(base.data(), rows, dimensions);
  flann::Index<flann::L2<float>> index(data, flann::KDTreeIndexParams(number(build, "trees")));
  auto start = Clock::now();
  index.buildIndex();
  Built built{peer, build, seconds_since(start), 0};
  // FLANN's file has only the trees. The vectors are added, since the other libraries' files have them.
  built.bytes = file_bytes([&](const std::string& path) { index.save(path); }) + long(base.size() * sizeof(float));
  sweep({32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768}, [&](int checks) {
    return measure(built, "checks=" + std::to_string(checks), [&](const float* q, int* ids) {
      float distances[Neighbors];
      flann::Matrix<float> one(const_cast<float*>(q), 1, dimensions), found_distances(distances, 1, Neighbors);
      flann::Matrix<int> found(ids, 1, Neighbors);
      flann::SearchParams parameters(checks);
      parameters.cores = 1;
      index.knnSearch(one, found, found_distances, Neighbors, parameters);
    });
  });
}

static const std::vector<Setting> settings = {
  {"flann", "trees=4", kd_forest},
  {"flann", "trees=8", kd_forest},
  {"flann", "trees=16", kd_forest},
};
#endif

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "list") {
    for (auto& setting : settings) printf("%s\t%s\n", setting.peer, setting.build);
    return 0;
  }
  if (argc < 8 || argc > 10) {
    fprintf(stderr,
            "usage: index_peer list | index_peer PEER BUILD BASE.f32 QUERY.f32 TRUTH.f64 DIMENSIONS THREADS [METRIC [EFFORT,...]]\n");
    return 2;
  }
  base = read_all<float>(argv[3]);
  query = read_all<float>(argv[4]);
  truth = read_all<double>(argv[5]);
  dimensions = std::atol(argv[6]);
  threads = std::atol(argv[7]);
  std::string name = argc > 8 ? argv[8] : "euclidean";
  metric = name == "cosine" ? Metric::Cosine : name == "inner-product" ? Metric::InnerProduct : Metric::Euclidean;
  if (metric == Metric::Euclidean && name != "euclidean") { fprintf(stderr, "no metric '%s'\n", name.c_str()); return 2; }
  std::stringstream efforts(argc > 9 ? argv[9] : "");
  for (std::string effort; std::getline(efforts, effort, ',');) given_efforts.push_back(std::atoi(effort.c_str()));
  rows = base.size() / dimensions;
  queries = query.size() / dimensions;
  if (truth.size() != queries) { fprintf(stderr, "%zu true distances for %zu queries\n", truth.size(), queries); return 2; }
  for (auto& setting : settings) {
    if (argv[1] == std::string(setting.peer)) {
      setting.run(argv[1], argv[2]);
      return 0;
    }
  }
  fprintf(stderr, "no peer '%s'\n", argv[1]);
  return 2;
}
