// Runs Annoy for the tests. It needs only the header annoylib.h.
//
//   g++ -O2 -std=c++14 -I FOLDER_OF_ANNOYLIB annoy_peer.cpp -o annoy_peer
//   annoy_peer golden FOLDER                               writes the files and answers of the folder Golden, except dot-next*
//   annoy_peer golden-dot FOLDER NAME                      writes one dot file and its answers, for another version of the header
//   annoy_peer build METRIC F TREES VECTORS INDEX          VECTORS: little-endian float32, row after row
//   annoy_peer query METRIC F INDEX QUERIES K SEARCH_K     a line for each query: item distance item distance ...
//
// Golden/*.ann but dot-next*.ann were written with the header of Annoy 1.17.0 (as in annoy-node 0.1.8); that of 1.17.3 writes the same bytes.
// dot-next*.ann were written with the header of the unreleased code after 1.17.3, commit 379f744667aba6b40ba3db8a07678df173a88f74.
#include <cstddef>  // Missing in Annoy's headers.

#include "kissrandom.h"
#include "annoylib.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#ifdef ANNOY_ANNOYLIB_H
using namespace Annoy;  // Since 1.17.1.
#endif

typedef AnnoyIndexInterface<int, float, uint64_t> Index;

template <typename Distance>
static Index* make(int f) {
  return new AnnoyIndex<int, float, Distance, Kiss64Random, AnnoyIndexSingleThreadedBuildPolicy>(f);
}

static std::unique_ptr<Index> create(const std::string& metric, int f) {
  if (metric == "euclidean") return std::unique_ptr<Index>(make<Euclidean>(f));
  if (metric == "angular") return std::unique_ptr<Index>(make<Angular>(f));
  if (metric == "dot") return std::unique_ptr<Index>(make<DotProduct>(f));
  fprintf(stderr, "no metric %s\n", metric.c_str());
  exit(2);
}

static void require(bool done, const char* what) {
  if (!done) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
  }
}

static std::vector<float> read(const char* path) {
  FILE* file = fopen(path, "rb");
  require(file != nullptr, path);
  std::vector<float> numbers;
  float number;
  while (fread(&number, sizeof number, 1, file) == 1) numbers.push_back(number);
  fclose(file);
  return numbers;
}

static void print_neighbors(FILE* out, const Index& index, const float* query, int k, int search_k) {
  std::vector<int> items;
  std::vector<float> distances;
  index.get_nns_by_vector(query, k, search_k, &items, &distances);
  for (size_t i = 0; i < items.size(); i++) fprintf(out, "%s%d %.9g", i ? " " : "", items[i], distances[i]);
  fprintf(out, "\n");
}

// Eighths from -2 to 1.875, the same in any language.
static uint32_t state;
static float draw() {
  state = state * 1664525u + 1013904223u;
  return ((int)(state >> 27) - 16) / 8.0f;
}

// The `count` items first, first + step, ...; one line of answers for each of three queries and search_k.
static void golden(FILE* answers, const std::string& folder, const std::string& name, const std::string& metric, int f, int trees, int count, int first, int step) {
  std::unique_ptr<Index> index = create(metric, f);
  state = 42;
  std::vector<float> vector(f);
  for (int row = 0; row < count; row++) {
    for (float& number : vector) number = draw();
    require(index->add_item(first + row * step, vector.data()), "add_item");
  }
  index->set_seed(7);
  require(index->build(trees, 1), "build");
  require(index->save((folder + "/" + name + ".ann").c_str()), "save");
  for (int query = 0; query < 3; query++) {
    for (float& number : vector) number = draw();
    for (int search_k : {10, 20, 35, 100000}) {
      fprintf(answers, "%s %s %d %d %d %d %d %d %d : ", name.c_str(), metric.c_str(), f, trees, count, first, step, query, search_k);
      print_neighbors(answers, *index, vector.data(), 10, search_k);
    }
  }
}

int main(int argc, char** argv) {
  std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "golden" && argc == 3) {
    std::string folder = argv[2];
    FILE* answers = fopen((folder + "/answers.txt").c_str(), "w");
    require(answers != nullptr, "answers.txt");
    golden(answers, folder, "euclidean", "euclidean", 5, 3, 60, 0, 1);
    golden(answers, folder, "angular", "angular", 5, 3, 60, 0, 1);
    golden(answers, folder, "dot", "dot", 5, 3, 60, 0, 1);
    golden(answers, folder, "euclidean-one-tree", "euclidean", 5, 1, 60, 0, 1);
    golden(answers, folder, "angular-one-tree", "angular", 5, 1, 60, 0, 1);
    golden(answers, folder, "dot-one-tree", "dot", 5, 1, 60, 0, 1);
    golden(answers, folder, "gaps", "euclidean", 5, 3, 15, 2, 3);
    golden(answers, folder, "gaps-in-one-node", "angular", 5, 3, 3, 0, 2);
    golden(answers, folder, "two-far-numbers", "euclidean", 3, 3, 2, 9, 11);
    golden(answers, folder, "one-far-number", "dot", 3, 3, 1, 20, 1);
    golden(answers, folder, "one-node", "angular", 5, 3, 4, 0, 1);
    golden(answers, folder, "one-item", "euclidean", 3, 2, 1, 0, 1);
    golden(answers, folder, "no-items", "dot", 3, 2, 0, 0, 1);
    fclose(answers);
    return 0;
  }
  if (verb == "golden-dot" && argc == 4) {
    FILE* answers = fopen((std::string(argv[2]) + "/answers.txt").c_str(), "a");
    require(answers != nullptr, "answers.txt");
    golden(answers, argv[2], argv[3], "dot", 5, 3, 60, 0, 1);
    golden(answers, argv[2], std::string(argv[3]) + "-one-tree", "dot", 5, 1, 60, 0, 1);
    fclose(answers);
    return 0;
  }
  if (verb == "build" && argc == 7) {
    int f = atoi(argv[3]);
    std::unique_ptr<Index> index = create(argv[2], f);
    std::vector<float> vectors = read(argv[5]);
    for (size_t row = 0; row < vectors.size() / f; row++) require(index->add_item((int)row, vectors.data() + row * f), "add_item");
    require(index->build(atoi(argv[4]), 1), "build");
    require(index->save(argv[6]), "save");
    return 0;
  }
  if (verb == "query" && argc == 8) {
    int f = atoi(argv[3]);
    std::unique_ptr<Index> index = create(argv[2], f);
    require(index->load(argv[4]), "load");
    printf("%d items %d trees\n", index->get_n_items(), index->get_n_trees());
    std::vector<float> queries = read(argv[5]);
    for (size_t query = 0; query < queries.size() / f; query++) print_neighbors(stdout, *index, queries.data() + query * f, atoi(argv[6]), atoi(argv[7]));
    return 0;
  }
  fprintf(stderr, "usage: see the source\n");
  return 2;
}
