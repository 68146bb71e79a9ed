using Microsoft.Extensions.Logging;
using SimNet.Conformance;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.OnnxRuntime.Tests;

public sealed class OnnxRuntimeBackendTests : IDisposable
{
    private static readonly OnnxRuntimeBackendOptions OnCpu = new() { Device = ComputeDevice.Cpu };

    private readonly string _folder = Directory.CreateTempSubdirectory("simnet-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_log_names_the_device_and_the_reason()
    {
        var log = new ListLogger();
        var backend = new OnnxRuntimeBackend(logger: log);

        string line = Assert.Single(log.Lines);
        Assert.Contains(backend.Device == ComputeDevice.Cuda ? "on CUDA" : "on the CPU", line, StringComparison.Ordinal);
        Assert.Equal(backend.Device == ComputeDevice.Cuda ? "onnxruntime:cuda" : "onnxruntime:cpu", backend.Name);
        Assert.Equal(ComputeDevice.Cpu, new OnnxRuntimeBackend(OnCpu).Device);
    }

    [SkippableFact]
    public void Requiring_CUDA_without_a_GPU_throws_with_what_to_install()
    {
        Skip.If(new OnnxRuntimeBackend().Device == ComputeDevice.Cuda, "this machine has CUDA");

        var exception = Assert.Throws<NativeLibraryException>(
            () => new OnnxRuntimeBackend(new OnnxRuntimeBackendOptions { Device = ComputeDevice.Cuda }));

        Assert.Contains("CUDA", exception.Message, StringComparison.Ordinal);
        Assert.True(
            exception.Message.Contains("SimNet.OnnxRuntime.Gpu", StringComparison.Ordinal)
                || exception.Message.Contains("cuDNN", StringComparison.Ordinal),
            exception.Message);
    }

    [Fact]
    public void Without_the_native_library_the_message_says_what_to_install()
    {
        // Loads the same assemblies again in a context that finds no native libraries.
        var context = new WithoutNativeLibraries();
        Type backend = context.LoadFromAssemblyPath(typeof(OnnxRuntimeBackend).Assembly.Location)
            .GetType(typeof(OnnxRuntimeBackend).FullName!)!;

        Exception exception = Assert.Throws<System.Reflection.TargetInvocationException>(
            () => Activator.CreateInstance(backend, [null, null])).InnerException!;

        Assert.Equal(nameof(NativeLibraryException), exception.GetType().Name);
        Assert.Contains("Microsoft.ML.OnnxRuntime (CPU) or SimNet.OnnxRuntime.Gpu (CUDA)", exception.Message, StringComparison.Ordinal);
        context.Unload();
    }

    [Theory]
    [InlineData(-1, 0, 64, "GpuNumber is -1")]
    [InlineData(0, -1, 64, "MaxThreads is -1")]
    [InlineData(0, 0, 0, "MaxBatchSize is 0")]
    public void Options_out_of_range_throw_naming_the_option(int gpu, int threads, int batch, string named)
        => Assert.Contains(
            named,
            Assert.Throws<ArgumentException>(
                () => new OnnxRuntimeBackend(OnCpu with { GpuNumber = gpu, MaxThreads = threads, MaxBatchSize = batch })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void The_back_end_does_not_claim_to_train() =>
        Assert.False(typeof(ITrainingBackend).IsAssignableFrom(typeof(OnnxRuntimeBackend)));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void More_samples_than_a_batch_run_in_parts(int maxBatchSize)
    {
        Network network = LayerCases.Get("residual");
        StateDict weights = RandomNetworks.Weights(network, 2);
        float[] input = RandomNetworks.Samples(network.InputShape, 7, 3);
        float[] expected = new float[7 * network.OutputShape.Length], actual = new float[expected.Length];
        using IInferenceSession whole = new OnnxRuntimeBackend(OnCpu).CreateInferenceSession(network, weights, ["out"]);
        using IInferenceSession parts = new OnnxRuntimeBackend(OnCpu with { MaxBatchSize = maxBatchSize, WarmUp = false })
            .CreateInferenceSession(network, weights, ["out"]);
        whole.Run(input, 7, [expected]);
        parts.Run(input, 7, [actual]);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Contains(expected, value => value != 0);
    }

    [Fact]
    public void A_file_runs_unchanged_with_outputs_by_name()
    {
        Network network = LayerCases.Get("fire");
        StateDict weights = RandomNetworks.Weights(network, 4);
        string path = Write(network, weights, "pool", "join");
        float[] input = RandomNetworks.Samples(network.InputShape, 2, 5);
        var backend = new OnnxRuntimeBackend(OnCpu);
        using IInferenceSession built = backend.CreateInferenceSession(network, weights, ["join", "pool"]);
        using IInferenceSession all = backend.OpenInferenceSession(path), one = backend.OpenInferenceSession(path, ["join"]);

        Assert.Equal([built.OutputShapes[1], built.OutputShapes[0]], all.OutputShapes);
        float[][] expected = Outputs(built, input);
        Assert.Equal(expected[0], Outputs(one, input)[0]);
        Assert.Equal([expected[1], expected[0]], Outputs(all, input));
        Assert.Contains(
            "'nowhere'",
            Assert.Throws<ArgumentException>(() => backend.OpenInferenceSession(path, ["nowhere"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_fixed_batch_is_padded_with_zeros()
    {
        Network network = LayerCases.Get("fire");
        StateDict weights = RandomNetworks.Weights(network, 4);
        string path = Write(network, weights, "pool");

        // Replaces the dynamic dimension (field 2, five letters) by the number 4 (field 1, in as many bytes).
        byte[] file = File.ReadAllBytes(path), free = [0x12, 5, .. "batch"u8], four = [0x08, 0x84, 0x80, 0x80, 0x80, 0x80, 0];
        int replaced = 0;
        for (int at = file.AsSpan().IndexOf(free); at >= 0; at = file.AsSpan().IndexOf(free), replaced++)
        {
            four.CopyTo(file, at);
        }

        File.WriteAllBytes(path, file);
        Assert.True(replaced >= 2);
        var backend = new OnnxRuntimeBackend(OnCpu);
        using IInferenceSession session = backend.OpenInferenceSession(path);
        using IInferenceSession expected = backend.CreateInferenceSession(network, weights, ["pool"]);
        foreach (int count in (int[])[1, 4, 6, 9])
        {
            float[] input = RandomNetworks.Samples(network.InputShape, count, count);
            Assert.All(Outputs(expected, input)[0].Zip(Outputs(session, input)[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void A_file_that_is_not_ONNX_throws_naming_the_file()
    {
        string path = Path.Combine(_folder, "none.onnx");
        var backend = new OnnxRuntimeBackend(OnCpu);
        Assert.Throws<FileNotFoundException>(() => backend.OpenInferenceSession(path));
        File.WriteAllBytes(path, [8, 8, 255, 255, 255]);
        Assert.Equal(path, Assert.Throws<ModelFormatException>(() => backend.OpenInferenceSession(path)).File);
    }

    [Fact]
    public async Task The_embedder_gives_the_vectors_of_the_managed_back_end()
    {
        Model model = ImageEmbedder.Default.Model;
        string path = Path.Combine(_folder, "products.onnx");
        model.Save(path);
        using ImageEmbedder embedder = ImageEmbedder.Load(
            path, new ImageEmbedderOptions { Backend = new OnnxRuntimeBackend(OnCpu), BatchSize = 3 });
        ImageSource[] images = [.. Enumerable.Range(0, 7).Select(CreateImage)];

        int i = 0;
        await foreach (ImageEmbedding embedding in embedder.EmbedManyAsync(images))
        {
            float[] expected = await ImageEmbedder.Default.EmbedAsync(images[i++]);
            float largest = expected.Max(Math.Abs);
            Assert.True(largest > 0);
            Assert.All(expected.Zip(embedding.Vector.ToArray()), pair => Assert.Equal(pair.First / largest, pair.Second / largest, 1e-4f));
        }

        Assert.Equal(images.Length, i);
    }

    [Fact]
    public async Task An_embedder_runs_a_file_opened_by_ONNX_Runtime()
    {
        Model model = ImageEmbedder.Default.Model;
        string path = Write(model.Network, model.Weights, model.EmbeddingLayer);
        using var embedder = new ImageEmbedder(
            new OnnxRuntimeBackend(OnCpu).OpenInferenceSession(path), ImageEmbedder.Default.Preprocessing, "file");
        float[] expected = await ImageEmbedder.Default.EmbedAsync(CreateImage(1)), actual = await embedder.EmbedAsync(CreateImage(1));
        float largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First / largest, pair.Second / largest, 1e-4f));
    }

    private static float[][] Outputs(IInferenceSession session, float[] input)
    {
        int count = input.Length / session.InputShape.Length;
        float[][] outputs = [.. session.OutputShapes.Select(shape => new float[count * shape.Length])];
        session.Run(input, count, [.. outputs.Select(output => output.AsMemory())]);
        return outputs;
    }

    private static ImageSource CreateImage(int seed)
    {
        byte[] pixels = new byte[50 * 40 * 3];
        new Random(seed).NextBytes(pixels);
        return ImageSource.FromImage($"image {seed}", new Image(50, 40, 3, pixels));
    }

    private string Write(Network network, StateDict weights, params string[] outputs)
    {
        string path = Path.Combine(_folder, "network.onnx");
        using FileStream stream = File.Create(path);
        OnnxFile.Write(stream, network, weights, outputs);
        return path;
    }

    private sealed class ListLogger : ILogger<OnnxRuntimeBackend>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }

    private sealed class WithoutNativeLibraries() : System.Runtime.Loader.AssemblyLoadContext(
        "without native libraries", isCollectible: true)
    {
        protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName assemblyName) =>
            assemblyName.Name == "Microsoft.ML.OnnxRuntime"
                ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.OnnxRuntime.dll"))
                : null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            throw new DllNotFoundException($"{unmanagedDllName} is not available");
    }
}
