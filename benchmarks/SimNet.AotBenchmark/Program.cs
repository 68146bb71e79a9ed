// Prints a line for each stage: name, tab, milliseconds of processor time. Arguments: a JPEG file and, to run fewer
// stages, a part of their names.
using System.Globalization;
using SimNet;
using SimNet.AotBenchmark;
using SimNet.Compute;
using SimNet.Embeddings;
using SimNet.Evaluation;
using SimNet.Index;
using SimNet.Models;

byte[] jpeg = File.ReadAllBytes(args[0]);
Console.Error.WriteLine($"{VectorSupport.Bits}-bit vectors");

const int Rows = 20_000, Dimensions = 256, Queries = 100, Neighbors = 10;
var random = new Random(1);
float[] vectors = Gaussian(Rows * Dimensions), queries = Gaussian(Queries * Dimensions);

ExactIndex exact = null!;
Print("exact index, build", () => exact = ExactIndex.Build(vectors, Dimensions, Metric.Euclidean, maxThreads: 1));
Print("exact index, 100 searches", () => Search(exact));
Print("exact index, 100 at once", () => exact.SearchBatch(queries, Neighbors, new BatchSearchOptions { MaxThreads = 1 }));
RandomProjectionForest forest = null!;
var forestOptions = new RandomProjectionForestOptions { Trees = 10, MaxThreads = 1 };
Print("forest, build", () => forest = RandomProjectionForest.Build(vectors, Dimensions, Metric.Euclidean, forestOptions));
Print("forest, 100 searches", () => Search(forest));
const int GraphRows = 4_000;
NeighborGraph graph = null!;
var graphOptions = new NeighborGraphOptions { MaxThreads = 1 };
Print(
    "graph of 4,000, build",
    () => graph = NeighborGraph.Build(vectors.AsSpan(0, GraphRows * Dimensions), Dimensions, Metric.Euclidean, graphOptions));
Print("graph of 4,000, 100 searches", () => Search(graph));

Image image = ImageDecoder.Default.Decode(jpeg, ImageDecoderOptions.Default);
var prepared = new float[3 * 224 * 224];
Print($"JPEG decoding, {image.Width}x{image.Height}", () => ImageDecoder.Default.Decode(jpeg, ImageDecoderOptions.Default));
Print("resizing to 128x128", () => image.Resize(128, 128));
Print("preprocessing", () => Preprocessing.ImageNet.Apply(image, prepared));

var backend = new ManagedBackend(new ManagedBackendOptions { MaxThreads = 1 });
Network squeezeNet = SqueezeNet.Create(SqueezeNetVersion.V1_1);
string last = squeezeNet.Layers[^1].Name;
using (IInferenceSession session = backend.CreateInferenceSession(squeezeNet, WeightInitialization.Create(squeezeNet, seed: 1), [last]))
{
    float[] images = Gaussian(8 * squeezeNet.InputShape.Length);
    foreach (int batch in (int[])[1, 8])
    {
        Memory<float>[] outputs = [new float[batch * 1000]];
        ReadOnlyMemory<float> input = images.AsMemory(0, batch * squeezeNet.InputShape.Length);
        Print($"SqueezeNet 1.1, batch of {batch}", () => session.Run(input, batch, outputs));
    }
}

const int Batch = 32;
Network autoencoder = DenoisingAutoencoder.Create();
float[] samples = [.. Enumerable.Range(0, Batch * autoencoder.InputShape.Length).Select(_ => random.NextSingle())];
StateDict autoencoderWeights = WeightInitialization.Create(autoencoder, seed: 1);
using (ITrainingSession session = backend.CreateTrainingSession(autoencoder, autoencoderWeights, new TrainingSessionOptions()))
{
    Print("autoencoder, training step of 32", () => session.TrainStep(samples, samples, Batch, 1e-3f));
}

int[] labels = [.. Enumerable.Range(0, 1000).Select(i => i % 10)];
var silhouetteOptions = new SilhouetteOptions { MaxThreads = 1 };
ReadOnlyMemory<float> thousand = vectors.AsMemory(0, 1000 * Dimensions);
Print("silhouette of 1,000", () => ClusteringMetrics.Silhouette(thousand, Dimensions, labels, silhouetteOptions));
float[] other = Gaussian(vectors.Length);
Print("binary accuracy of 5 million", () => ReconstructionMetrics.BinaryAccuracy(vectors, other));

float[] Gaussian(int count)
{
    var values = new float[count];
    for (int i = 0; i < count; i++)
    {
        values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    return values;
}

void Search(IVectorIndex index)
{
    Span<Neighbor> found = stackalloc Neighbor[Neighbors];
    for (int i = 0; i < Queries; i++)
    {
        index.Search(queries.AsSpan(i * Dimensions, Dimensions), found);
    }
}

void Print(string stage, Action action)
{
    if (args.Length < 2 || stage.Contains(args[1], StringComparison.Ordinal))
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stage}\t{ProcessorTime.Least(action):F4}"));
    }
}
