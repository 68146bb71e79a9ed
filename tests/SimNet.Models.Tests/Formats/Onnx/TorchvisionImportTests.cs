using System.Runtime.InteropServices;

namespace SimNet.Models.Tests;

/// <summary>
/// Imports networks that PyTorch exports, from torchvision and with other layers, in several operator sets, and compares their outputs with
/// those of PyTorch.
/// </summary>
public sealed class TorchvisionImportTests
{
    /// <summary>
    /// Exports networks with random weights. The statistics of batch norms come from random images, so that errors of early layers reach
    /// the output.
    /// </summary>
    private const string Script = """
        import sys, warnings
        warnings.simplefilter('ignore')
        import torch, torchvision
        import torch.nn.functional as F
        from torch import nn

        torch.manual_seed(1)
        torch.set_num_threads(1)

        class Branches(nn.Module):
            def __init__(self, softmax):
                super().__init__()
                self.softmax = softmax
                self.wide = nn.Conv2d(3, 4, (1, 7), padding=(0, 3), bias=False)
                self.tall = nn.Conv2d(4, 6, (7, 1), padding=(3, 0), stride=(2, 1))
                self.dilated = nn.Conv2d(3, 6, 3, padding=(2, 4), dilation=(2, 4), stride=(2, 1))
                self.up = nn.ConvTranspose2d(15, 8, (3, 4), stride=2, padding=1, output_padding=(1, 0))
                self.matrix = nn.Linear(8, 5, bias=False)
                self.last = nn.Parameter(torch.randn(5) * 0.01)
                self.slope = nn.LeakyReLU(0.2)
                self.register_buffer('mean', torch.tensor([0.4, 0.5, 0.6]).reshape(1, 3, 1, 1))
            def forward(self, x):
                x = (x * 2 - self.mean) / self.mean.sqrt() + 0.25
                pooled = F.avg_pool2d(x, (3, 3), (2, 1), 1)
                y = torch.cat([self.tall(self.wide(x)), self.dilated(x), pooled], 1)
                y = F.max_pool2d(self.slope(y), 3, 2, 1, ceil_mode=True)
                y = F.avg_pool2d(F.silu(y), 2, ceil_mode=True, count_include_pad=False)
                y = torch.clamp(1 - F.hardsigmoid(self.up(y)) * 3, min=-0.5)
                y = F.pad(y, (1, 2, 0, 1))
                y = (F.softmax(y, 1) if self.softmax else y) + torch.sigmoid(y) * F.hardswish(y)
                return (y.mean([2, 3]) * 20) @ self.matrix.weight.t() + self.last

        class Flat(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 5, 3, stride=4)
                self.first = nn.Linear(5 * 16 * 16, 7)
                self.norm = nn.BatchNorm1d(7)
                self.second = nn.Linear(7, 3)
            def forward(self, x):
                y = F.relu6(self.conv(x))
                y = self.norm(self.first(y.view(y.size(0), -1)))
                return self.second(F.dropout(F.relu(y), training=self.training))

        def vgg(num_classes):
            layers = torchvision.models.vgg.make_layers([8, 'M', 16, 'M', 16, 'M', 24, 24, 'M', 32, 'M'], batch_norm=True)
            net = torchvision.models.vgg.VGG(layers, num_classes)
            net.avgpool = nn.AdaptiveAvgPool2d((2, 2))
            net.classifier = nn.Sequential(nn.Linear(32 * 4, 40), nn.ReLU(True), nn.Dropout(), nn.Linear(40, num_classes))
            return net

        models = torchvision.models
        for name, make, version, dynamic, fused in [
            ('resnet18', models.resnet18, 17, True, False),
            ('mobilenet_v2', models.mobilenet_v2, 11, False, True),
            ('mobilenet_v3_small', models.mobilenet_v3_small, 17, True, True),
            ('mobilenet_v3_small_9', models.mobilenet_v3_small, 9, True, False),
            ('densenet', lambda num_classes: models.DenseNet(8, (2, 3, 2), 16, num_classes=num_classes), 13, False, False),
            ('efficientnet_b0', models.efficientnet_b0, 14, True, False),
            ('squeezenet1_1', models.squeezenet1_1, 9, False, True),
            ('googlenet', lambda num_classes: models.googlenet(num_classes=num_classes, aux_logits=False, init_weights=False),
                12, True, True),
            ('regnet_y_400mf', models.regnet_y_400mf, 16, False, False),
            ('vgg', vgg, 10, True, False),
            ('branches_9', lambda num_classes: Branches(False), 9, True, True),
            ('branches_17', lambda num_classes: Branches(True), 17, False, False),
            ('flat_8', lambda num_classes: Flat(), 8, True, False),
            ('flat_16', lambda num_classes: Flat(), 16, True, True),
            ('shufflenet_v2_x0_5', models.shufflenet_v2_x0_5, 17, True, True),
        ]:
            net = make(num_classes=10)
            norms = [module for module in net.modules() if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm1d))]
            for norm in norms:
                nn.init.uniform_(norm.weight, 0.5, 1.5)
                nn.init.normal_(norm.bias, 0, 0.2)
                norm.reset_running_stats()
                norm.momentum = None
            for module in net.modules():
                if isinstance(module, torchvision.ops.StochasticDepth):
                    module.p = 0.0
            net.train()
            with torch.no_grad():
                net(torch.randn(12, 3, 64, 64))
            for norm in norms:
                norm.momentum = 0.1
                norm.running_mean += 0.1 * torch.randn_like(norm.running_mean) * norm.running_var.sqrt()
            net.eval()
            x = torch.randn(2, 3, 64, 64)
            x[1] *= 1.1
            with torch.no_grad():
                y = net(x)
            path = sys.argv[1] + '/' + name
            torch.onnx.export(net, x, path + '.onnx', input_names=['x'], output_names=['y'],
                dynamic_axes={'x': {0: 'n'}, 'y': {0: 'n'}} if dynamic else None,
                opset_version=version, training=torch.onnx.TrainingMode.EVAL if fused else torch.onnx.TrainingMode.PRESERVE)
            x.numpy().tofile(path + '.x')
            y.numpy().tofile(path + '.y')
        """;

    [SkippableFact]
    public void Imported_networks_compute_the_outputs_of_PyTorch()
    {
        using var folder = new TemporaryFolder();
        _ = Python.Run("torch, torchvision, onnx", Script, Path.GetDirectoryName(folder["x"])!);
        var backend = new ManagedBackend();
        string[] names =
        [
            .. folder.FileNames.Where(file => file.EndsWith(".onnx", StringComparison.Ordinal)).Select(
                file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(15, names.Length);
        foreach (string name in names)
        {
            Model model = Model.Load(folder[$"{name}.onnx"]);
            float[] input = Numbers(folder[$"{name}.x"]), expected = Numbers(folder[$"{name}.y"]), found = new float[expected.Length];
            using IInferenceSession session = backend.CreateInferenceSession(model.Network, model.Weights, [model.Network.Layers[^1].Name]);
            session.Run(input, 2, [found]);

            // The outputs depend on the images.
            Assert.True(NetworkData.Distance(Half(expected, 0), Half(expected, 1)) > 0.01, name);
            double distance = NetworkData.Distance(NetworkData.ToDouble(expected), NetworkData.ToDouble(found));
            Assert.True(distance < 1e-4, $"{name} is off by {distance:E1} of its largest value");
            Assert.Equal(Embedding(name), model.EmbeddingShape);
            Assert.Equal(
                GatesOf(name), model.Network.Layers.Where(layer => layer is Silu or HardSwish).Select(layer => layer.Kind).Distinct());

            // The remaining products scale channels, except for the product of two feature maps in the test's own network.
            Assert.All(
                model.Network.Layers.Select((layer, i) => (layer, i)).Where(
                    pair => pair.layer is Multiply && !name.StartsWith("branches", StringComparison.Ordinal)),
                pair => Assert.Equal(
                    (1, 1),
                    model.Network.OutputShapes[model.Network.Sources[pair.i][1]] is var gate ? (gate.Height, gate.Width) : default));
            Assert.Equal(model.Id, Reread(model).Id);
        }
    }

    /// <summary>The shape of the input of the last fully connected layer.</summary>
    private static Shape Embedding(string name) => name.Split('_')[0] switch
    {
        "resnet18" or "squeezenet1" => new Shape(512, 1, 1),
        "mobilenet" when name.Contains("v3", StringComparison.Ordinal) => new Shape(1024, 1, 1),
        "mobilenet" or "efficientnet" => new Shape(1280, 1, 1),
        "googlenet" => new Shape(1024, 1, 1),
        "densenet" => new Shape(36, 1, 1),
        "regnet" => new Shape(440, 1, 1),
        "shufflenet" => new Shape(1024, 1, 1),
        "vgg" => new Shape(40, 1, 1),
        "flat" => new Shape(7, 1, 1),
        "branches" => new Shape(8, 1, 1),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "An unknown network."),
    };

    /// <summary>The activations that exporters write as several operators.</summary>
    private static string[] GatesOf(string name) => name.Contains("v3", StringComparison.Ordinal) ? ["HardSwish"]
        : name.StartsWith("efficientnet", StringComparison.Ordinal) ? ["Silu"]
        : name.StartsWith("branches", StringComparison.Ordinal) ? ["Silu", "HardSwish"]
        : [];

    private static Model Reread(Model model)
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, model);
        stream.Position = 0;
        return OnnxFile.Read(stream);
    }

    private static IEnumerable<double> Half(float[] values, int half) =>
        values[(half * values.Length / 2)..((half + 1) * values.Length / 2)].Select(value => (double)value);

    private static float[] Numbers(string path) => [.. MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path))];
}
