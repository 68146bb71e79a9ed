namespace SimNet.Models.Tests;

public class NetworkTableTests
{
    [Fact]
    public void The_autoencoder_matches_table_1_of_AutoSimNet()
    {
        NetworkTable table = DenoisingAutoencoder.Create().ToTable();

        // The table of the paper has no rows for activations.
        (string, string, int)[] expected =
        [
            ("Conv2d", "64x64x32", 320), ("MaxPool2d", "32x32x32", 0), ("BatchNorm2d", "32x32x32", 128),
            ("Conv2d", "32x32x32", 9248), ("MaxPool2d", "16x16x32", 0), ("BatchNorm2d", "16x16x32", 128),
            ("Conv2d", "16x16x32", 9248), ("MaxPool2d", "8x8x32", 0),
            ("ConvTranspose2d", "16x16x32", 9248), ("ConvTranspose2d", "32x32x32", 9248), ("ConvTranspose2d", "64x64x32", 9248),
            ("Conv2d", "64x64x1", 289),
        ];
        Assert.Equal(
            expected,
            table.Rows.Where(r => r.Kind is not ("Relu" or "Sigmoid")).Select(r => (r.Kind, r.OutputShape.ToString(), r.ParameterCount)));
        Assert.Equal(47_105, table.ParameterCount);
        Assert.Equal(46_977, table.TrainableParameterCount);
        Assert.Equal(128, table.NonTrainableParameterCount);
    }

    [Fact]
    public void The_table_is_aligned_and_complete()
    {
        var network = new Network("n", new Shape(1, 8, 8), [new Conv2d("encoder.conv1", 100, 11) { Padding = 5 }, new Relu("r")]);

        Assert.Equal(
            "Layer          Kind    Output shape  Parameters\n" +
            "encoder.conv1  Conv2d  8x8x100           12,200\n" +
            "r              Relu    8x8x100                0\n" +
            "Total parameters: 12,200\n" +
            "Trainable parameters: 12,200\n" +
            "Non-trainable parameters: 0\n", network.ToTable().ToString());
    }
}
