// Stepped through by step_ops.py: every family of ops, forward and backward, on the device named by the first argument.
// The comment of a line names the function in which its formula begins, on cpu and on simt: from this line, or from the
// node's backward where the line says gradient(), it is a few steps away.
#include <vitrine/vitrine.h>

#include "vitrine/core/ops/optimizer.h"

namespace vt = vitrine;

namespace {

vt::Device device = vt::Device::cpu;

vt::Tensor numbers(const vt::Shape& shape) {
    return vt::arange(0.5, 0.5 + static_cast<double>(shape.numel()), 1, {.dtype = vt::float32, .device = device}).reshape(shape).requires_grad_();
}

vt::Tensor indices(std::initializer_list<std::int64_t> list) { return vt::tensor(list, {.device = device}); }

void gradient(const vt::Tensor& y) {
    y.backward(vt::ones_like(y.detach()));
}

void elementwise() {
    const vt::Tensor x = numbers({2, 4}), w = numbers({2, 4}), mask = (x.detach() > 2).to(device);
    vt::Tensor y;
    y = vt::exp(x);                 // unary_forward_range unary_forward_kernel
    gradient(y);                    // unary_backward_range unary_backward_kernel
    y = vt::relu(x);                // unary_forward_range unary_forward_kernel
    gradient(y);                    // unary_backward_range unary_backward_kernel
    y = vt::neg(x);                 // unary_forward_range unary_forward_kernel
    gradient(y);                    // unary_forward_range unary_forward_kernel
    y = vt::pow(x, 3);              // unary_forward_range unary_forward_kernel
    gradient(y);                    // unary_backward_range unary_backward_kernel
    y = vt::clamp(x, 1, 3);         // unary_forward_range unary_forward_kernel
    y = vt::gelu(x);                // unary_forward_range unary_forward_kernel
    y = x + w;                      // binary_forward_range binary_forward_kernel
    y = vt::mul(x, w);              // binary_forward_range binary_forward_kernel
    gradient(y);                    // binary_backward_range binary_backward_kernel
    y = vt::div(x, w);              // binary_forward_range binary_forward_kernel
    gradient(y);                    // binary_backward_range binary_backward_kernel
    y = vt::maximum(x, w);          // binary_forward_range binary_forward_kernel
    gradient(y);                    // binary_backward_range binary_backward_kernel
    y = x * 2.0;                    // binary_scalar_forward_range binary_scalar_forward_kernel
    gradient(y);                    // binary_scalar_forward_range binary_scalar_forward_kernel
    y = x.detach() < w.detach();    // binary_forward_range binary_forward_kernel
    y = vt::where(mask, x, w);      // where_range where_forward_kernel
    gradient(y);                    // where_range where_forward_kernel
    y = vt::masked_fill(x, mask, 1);  // where_range where_forward_kernel
    gradient(y);                    // where_range where_forward_kernel
    y = vt::masked_select(x, mask);  // pack_chunks mask_pack_kernel
    gradient(y);                    // unpack_chunks mask_unpack_kernel
    y = vt::dropout(x, 0.5, true);  // dropout_range dropout_forward_kernel
    gradient(y);                    // dropout_range dropout_forward_kernel
    y = vt::clone(x);               // copy_naive copy_kernel
    y = vt::to(x, vt::float64);     // copy_naive copy_kernel
    gradient(y);                    // copy_naive copy_kernel
    vt::Tensor z = x.detach().clone();
    z.fill_(1);                     // fill_range fill_kernel
    z += w.detach();                // binary_forward_range binary_forward_kernel
    vt::uniform_(z);                // random_range random_kernel
    vt::normal_(z);                 // random_range random_kernel
    y = vt::randn({2, 4}, {.device = device});  // random_range random_kernel
}

void along_an_axis() {
    const vt::Tensor x = numbers({2, 4}), image = numbers({2, 4, 3, 3}), columns = indices({1, 2});
    vt::Tensor y;
    y = vt::softmax(x, 1);           // softmax_forward_rows softmax_forward_kernel
    gradient(y);                     // softmax_backward_rows softmax_backward_kernel
    y = vt::log_softmax(x, 1);       // log_softmax_forward_rows softmax_forward_kernel
    gradient(y);                     // log_softmax_backward_rows softmax_backward_kernel
    y = vt::sum(x, 1);               // reduce_sum_naive reduce_rows_kernel
    y = vt::mean(x, 1);              // reduce_sum_naive reduce_rows_kernel
    gradient(y);                     // binary_scalar_forward_range binary_scalar_forward_kernel
    y = vt::var(x, 1);               // reduce_variance_naive reduce_rows_kernel
    y = vt::max(x, 1);               // reduce_max_naive reduce_rows_kernel
    gradient(y);                     // reduce_extreme_backward_naive reduce_rows_kernel
    y = vt::logsumexp(x, 1);         // reduce_logsumexp_naive reduce_rows_kernel
    gradient(y);                     // reduce_logsumexp_backward_naive reduce_write_kernel
    y = vt::argmax(x, 1);            // reduce_argmax_naive argmax_rows_kernel
    y = vt::cumsum(x, 1);            // cumsum_tiles cumsum_row_kernel
    gradient(y);                     // cumsum_tiles cumsum_row_kernel
    y = vt::sort(x).values;          // sort_rows sort_row_kernel
    gradient(y);                     // sort_backward_rows sort_zero_kernel
    y = vt::tril(x);                 // triangle_rows triangle_kernel
    gradient(y);                     // triangle_rows triangle_kernel
    y = vt::flip(x, {1});            // rearrange_rows rearrange_kernel
    gradient(y);                     // rearrange_rows rearrange_kernel
    y = vt::pad(x, {1, 1});          // pad_rows pad_kernel
    y = vt::pad(x, {1, 1}, vt::PadMode::reflect);  // pad_rows pad_kernel
    gradient(y);                     // pad_fold_rows pad_fold_kernel
    y = vt::index_select(x, 1, columns);  // gather_range index_gather_kernel
    gradient(y);                     // scatter_lines index_scatter_search_kernel
    y = vt::layer_norm(x, {4});      // group_norm_forward_naive group_norm_forward_kernel
    gradient(y);                     // group_norm_backward_naive group_norm_backward_kernel
    y = vt::group_norm(image, 2);    // group_norm_forward_naive group_norm_forward_kernel
    gradient(y);                     // group_norm_backward_naive group_norm_backward_kernel
    y = vt::batch_norm(image, {}, {}, {}, {}, {.training = true});  // batch_norm_forward_naive batch_norm_moments_kernel
    gradient(y);                     // batch_norm_backward_naive batch_norm_products_kernel
}

void losses() {
    const vt::Tensor x = numbers({2, 4}), t = numbers({2, 4}).detach(), classes = indices({1, 3}), ids = indices({1, 0});
    vt::Tensor y;
    y = vt::mse_loss(x, t);              // loss_sum_pieces loss_sum_kernel
    gradient(y);                         // loss_backward_range loss_backward_kernel
    y = vt::huber_loss(x, t, {.reduction = vt::Reduction::none});  // loss_each_range loss_each_kernel
    y = vt::cross_entropy(x, classes);   // cross_entropy_forward_rows cross_entropy_forward_kernel
    gradient(y);                         // cross_entropy_backward_rows cross_entropy_backward_kernel
    y = vt::nll_loss(x, classes);        // nll_forward nll_forward_kernel
    gradient(y);                         // nll_backward_rows nll_backward_kernel
    y = vt::embedding(x, ids);  // embedding_forward_rows embedding_forward_kernel
    gradient(y);                         // embedding_backward_columns embedding_backward_kernel
}

void products() {
    const vt::Tensor a = numbers({2, 3}), b = numbers({3, 4}), weight = numbers({4, 3}), heads = numbers({1, 1, 2, 4});
    const vt::Tensor image = numbers({1, 2, 5, 5}), filter = numbers({2, 2, 3, 3});
    vt::Tensor y;
    y = vt::matmul(a, b);                // matmul_naive matmul_kernel
    gradient(y);                         // matmul_naive matmul_kernel
    y = vt::linear(a, weight);           // matmul_naive matmul_kernel
    gradient(y);                         // matmul_naive matmul_kernel
    y = vt::conv2d(image, filter);       // conv_forward_pixels conv_gemm_kernel
    gradient(y);                         // conv_backward_data_pixels conv_gemm_kernel
    y = vt::conv_transpose2d(image, filter);  // conv_backward_data_pixels conv_gemm_kernel
    gradient(y);                         // conv_forward_pixels conv_gemm_kernel
    y = vt::max_pool2d(image, 2);        // max_pool_rows max_pool_forward_kernel
    gradient(y);                         // max_pool_backward_rows max_pool_backward_kernel
    y = vt::avg_pool2d(image, 2);        // average_pool_rows average_pool_forward_kernel
    gradient(y);                         // average_pool_backward_rows average_pool_backward_kernel
    y = vt::upsample_nearest(image, 7);  // upsample_rows upsample_forward_kernel
    gradient(y);                         // upsample_backward_rows upsample_backward_kernel
    y = vt::scaled_dot_product_attention(heads, heads, heads);  // attention_forward_naive attention_forward_kernel
    gradient(y);                         // attention_backward_naive attention_delta_kernel
}

// Forward, the formula begins with the product of all inputs.
void recurrent() {
    const vt::Tensor x = numbers({1, 2, 3}), h0;
    const vt::RecurrentWeights one{numbers({2, 3}), numbers({2, 2})}, three{numbers({6, 3}), numbers({6, 2})}, four{numbers({8, 3}), numbers({8, 2})};
    vt::Tensor y;
    y = vt::rnn(x, h0, one).y;     // matmul_naive matmul_kernel
    gradient(y);                   // rnn_step_backward_range rnn_step_backward_kernel
    y = vt::gru(x, h0, three).y;     // matmul_naive matmul_kernel
    gradient(y);                     // gru_step_backward_rows gru_step_backward_kernel
    y = vt::lstm(x, h0, h0, four).y;  // matmul_naive matmul_kernel
    gradient(y);                      // lstm_step_backward_rows lstm_step_backward_kernel
}

void optimizers() {
    vt::Tensor w = numbers({2, 4}).detach(), g = vt::ones_like(w), m = vt::zeros_like(w), v = vt::zeros_like(w), none;
    vt::sgd_step(w, g, none, {.lr = 0.1});               // sgd_range sgd_kernel
    vt::adam_step(w, g, m, v, {.lr = 0.1});              // adam_range adam_kernel
    vt::rmsprop_step(w, g, v, none, none, {.lr = 0.1});  // rmsprop_range rmsprop_kernel
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    device = vt::parse_device(argv[1]);
    elementwise();
    along_an_axis();
    losses();
    products();
    recurrent();
    optimizers();
}
