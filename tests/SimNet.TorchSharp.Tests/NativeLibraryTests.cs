using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;

namespace SimNet.TorchSharp.Tests;

public sealed class NativeLibraryTests
{
    public static TheoryData<Type> Failures { get; } =
    [
        typeof(NotSupportedException), typeof(TypeInitializationException), typeof(DllNotFoundException), typeof(BadImageFormatException),
        typeof(EntryPointNotFoundException),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public void Missing_native_library_gives_an_error_that_names_the_packages(Type failure)
    {
        Exception thrown = failure == typeof(TypeInitializationException)
            ? new TypeInitializationException("TorchSharp.torch", new DllNotFoundException())
            : (Exception)Activator.CreateInstance(failure)!;
        foreach (ComputeDevice device in Enum.GetValues<ComputeDevice>())
        {
            var exception = Assert.Throws<NativeLibraryException>(() => Open(device, new Probe(() => throw thrown)));
            Assert.All(
                ["TorchSharp-cpu", "TorchSharp-cuda-linux", "TorchSharp-cuda-windows"],
                package => Assert.Contains(package, exception.Message, StringComparison.Ordinal));
            Assert.Same(thrown, exception.InnerException);
        }
    }

    [Fact]
    public void Missing_GPU_is_an_error_for_CUDA_and_selects_the_CPU_for_Auto()
    {
        var exception = Assert.Throws<NativeLibraryException>(() => Open(ComputeDevice.Cuda, new Probe(() => 0)));
        Assert.Contains("TorchSharp-cuda-linux", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ComputeDevice.Cpu, Open(ComputeDevice.Auto, new Probe(() => 0)).Device);
        Assert.Equal("torchsharp:cpu", Open(ComputeDevice.Cpu, new Probe(() => 2)).Name);
    }

    [Fact]
    public void Nonexistent_GPU_is_rejected_by_number()
    {
        var exception = Assert.Throws<NativeLibraryException>(() => Open(ComputeDevice.Auto, new Probe(() => 2), gpu: 2));
        Assert.Contains("GPU 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_rejected_by_name()
    {
        Assert.Contains(
            "Device",
            Assert.Throws<ArgumentException>(
                () => new TorchSharpBackend(new TorchSharpBackendOptions { Device = (ComputeDevice)9 })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "GpuNumber",
            Assert.Throws<ArgumentException>(() => new TorchSharpBackend(new TorchSharpBackendOptions { GpuNumber = -1 })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "MaxThreads",
            Assert.Throws<ArgumentException>(() => new TorchSharpBackend(new TorchSharpBackendOptions { MaxThreads = -1 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Selected_device_is_logged()
    {
        var log = new Log();
        _ = new TorchSharpBackend(new TorchSharpBackendOptions(), new Probe(() => 0), log);
        Assert.Contains(
            log.Lines, line => line.Contains("cpu", StringComparison.Ordinal) && line.Contains("Auto", StringComparison.Ordinal));
    }

    [Fact]
    public void Older_libstdcxx_error_names_the_required_and_the_newest_version()
    {
        const string Message = "Unable to load shared library 'LibTorchSharp': /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found "
            + "(required by /app/libLibTorchSharp.so)";
        byte[] library = "GLIBCXX_3.4.9\0GLIBCXX_3.4.30\0GLIBCXX_3.4.4\0CXXABI_1.3.13\0"u8.ToArray();

        string? explained = LoaderMessage.Explain(Message, _ => true, _ => library);

        Assert.NotNull(explained);
        Assert.Contains(
            "/app/libLibTorchSharp.so requires version GLIBCXX_3.4.32 of /lib/libstdc++.so.6, whose newest version is GLIBCXX_3.4.30.",
            explained,
            StringComparison.Ordinal);
        Assert.Contains("GCC 13", explained, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_library_is_not_reported_as_an_older_one()
        => Assert.Null(
            LoaderMessage.Explain("libtorch_cpu.so: cannot open shared object file: No such file or directory", _ => true, _ => []));

    /// <summary>The real library, in a process that has only the managed assembly.</summary>
    [Fact]
    public async Task Process_without_the_native_library_gets_a_clear_error()
    {
        using var folder = new TemporaryFolder();
        string home = folder["app"];
        Directory.CreateDirectory(home);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            string name = Path.GetFileName(file);
            if (Path.GetExtension(file) is ".dll" or ".json" && !name.Contains("LibTorchSharp", StringComparison.Ordinal))
            {
                File.Copy(file, Path.Combine(home, name));
            }
        }

        var start = new ProcessStartInfo("dotnet", [Path.Combine(home, "SimNet.TorchSharp.Tests.dll")]) { RedirectStandardOutput = true };
        start.Environment.Remove("LD_LIBRARY_PATH");
        start.Environment["NUGET_PACKAGES"] = home;
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(3, process.ExitCode);
        Assert.Contains(
            "error: The native library of TorchSharp cannot be loaded. Add a package that contains it",
            output,
            StringComparison.Ordinal);
    }

    private static TorchSharpBackend Open(ComputeDevice device, NativeLibrary probe, int gpu = 0) =>
        new(new TorchSharpBackendOptions { Device = device, GpuNumber = gpu }, probe, NullLogger.Instance);

    private sealed class Probe(Func<int> gpus) : NativeLibrary
    {
        public override bool Load(DeviceType device) => gpus() > 0;

        public override int CountGpus() => gpus();

        public override string? FindVersionMismatch() => null;
    }

    private sealed class Log : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
