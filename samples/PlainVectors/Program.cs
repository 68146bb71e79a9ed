// Searches plain vectors: no images, no networks. An approximate graph is compared with exact search, updated, saved and reopened.
using SimNet.Index;

if (args is not [string file])
{
    Console.Error.WriteLine("Usage: PlainVectors FILE");
    Console.Error.WriteLine("FILE is the index file to write.");
    return 1;
}

const int Count = 20_000, Dimensions = 64, Neighbors = 10, Queries = 100;
var random = new Random(1);
float[] vectors = RandomVectors(Count);
float[] queries = RandomVectors(Queries);

using NeighborGraph graph = NeighborGraph.Build(vectors, Dimensions, Metric.Cosine);
using ExactIndex exact = ExactIndex.Build(vectors, Dimensions, Metric.Cosine);
Neighbor[][] approximate = graph.SearchBatch(queries, Neighbors);
Neighbor[][] truth = exact.SearchBatch(queries, Neighbors);
int found = approximate.Zip(truth).Sum(pair =>
    pair.First.IntersectBy(pair.Second.Select(neighbor => neighbor.Id), neighbor => neighbor.Id).Count());
Console.WriteLine($"Recall of the graph: {(double)found / (Queries * Neighbors):P1}");

// An index that changes while it is searched.
using var index = new UpdatableIndex(graph);
int added = index.Add(queries.AsSpan(0, Dimensions));
index.Remove(truth[0][0].Id);
var nearest = new Neighbor[Neighbors];
index.Search(queries.AsSpan(0, Dimensions), nearest);
Console.WriteLine($"Nearest to the vector just added: {(nearest[0].Id == added ? "itself" : nearest[0].Id)}");
Console.WriteLine($"The removed vector is {(nearest.Any(neighbor => neighbor.Id == truth[0][0].Id) ? "found" : "gone")}");

index.Save(file);
using IVectorIndex saved = VectorIndex.Open(file);
Console.WriteLine($"Reopened: {saved.Kind}, {saved.Count} vectors of {saved.Dimensions} dimensions");
return 0;

// Real embeddings lie near a surface of few dimensions; uniformly random vectors are the hardest case for any index.
float[] RandomVectors(int count)
{
    const int Centers = 50;
    var values = new float[count * Dimensions];
    for (int i = 0; i < count; i++)
    {
        var center = new Random(random.Next(Centers));
        for (int j = 0; j < Dimensions; j++)
        {
            values[(i * Dimensions) + j] = (center.NextSingle() - 0.5f) + (0.3f * (random.NextSingle() - 0.5f));
        }
    }

    return values;
}
