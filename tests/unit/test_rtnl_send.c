/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exchange itself, with a kernel that answers what a script says: each send
 * makes the next answer ready. The real source, with its system calls replaced.
 */
#include "rtnl_answers.h"

#include <libmnl/libmnl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "../../init/clock.h"
#include "../../init/contract.h"

#define DATAGRAMS_MAX 80

static struct {
	struct datagram queue[DATAGRAMS_MAX];
	struct sockaddr_nl senders[DATAGRAMS_MAX];
	bool is_truncated[DATAGRAMS_MAX];
	size_t queued, received;
	bool is_endless;       /* the last one again and again */
	int64_t clock_us;      /* poll moves it */
	size_t sends, receives, polls;
	int receive_errno;
	void (*on_send)(const struct nlmsghdr *request);
} kernel;

static ssize_t fake_sendto(int fd, const void *bytes, size_t len, int flags,
			   const struct sockaddr *to, socklen_t to_len)
{
	(void)fd;
	assert_int_equal(flags, 0);
	assert_int_equal(to_len, sizeof(struct sockaddr_nl));
	assert_int_equal(((const struct sockaddr_nl *)to)->nl_pid, 0); /* the kernel */
	kernel.sends++;
	if (kernel.on_send)
		kernel.on_send(bytes);
	return (ssize_t)len;
}

static int fake_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count, int flags,
			 struct timespec *timeout)
{
	unsigned int got = 0;

	(void)fd;
	(void)timeout;
	assert_true(flags & MSG_DONTWAIT);
	kernel.receives++;
	if (kernel.receive_errno) {
		errno = kernel.receive_errno;
		return -1;
	}
	while (got < count && (kernel.received < kernel.queued || kernel.is_endless)) {
		size_t i = kernel.received < kernel.queued ? kernel.received : kernel.queued - 1;
		struct msghdr *header = &headers[got].msg_hdr;
		size_t len = kernel.queue[i].len;

		if (len > header->msg_iov->iov_len || kernel.is_truncated[i]) {
			header->msg_flags = MSG_TRUNC;
			len = len < header->msg_iov->iov_len ? len : header->msg_iov->iov_len;
		}
		memcpy(header->msg_iov->iov_base, kernel.queue[i].bytes, len);
		memcpy(header->msg_name, &kernel.senders[i], sizeof(kernel.senders[i]));
		headers[got++].msg_len = (unsigned int)len;
		if (kernel.received < kernel.queued)
			kernel.received++;
	}
	if (got > 0)
		return (int)got;
	errno = EAGAIN;
	return -1;
}

static int fake_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	(void)fds;
	(void)count;
	assert_true(timeout_ms > 0 && timeout_ms <= RTNL_WAIT_MS);
	kernel.polls++;
	kernel.clock_us += (int64_t)timeout_ms * 1000;
	return 0;
}

static int64_t fake_clock_now_ms(void)
{
	kernel.clock_us += 10;
	return kernel.clock_us / 1000;
}

#define sendto fake_sendto
#define recvmmsg fake_recvmmsg
#define poll(...) fake_poll(__VA_ARGS__)
#define clock_now_ms fake_clock_now_ms
#include "../../net/rtnl.c"
#undef poll

static struct rtnl rtnl;
static struct rtnl_batch batch;
static struct fault fault;
static size_t taken, restarts;
static int take_errno;

static struct datagram *answer(void)
{
	assert_true(kernel.queued < DATAGRAMS_MAX);
	return &kernel.queue[kernel.queued++];
}

static int set_up(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	for (size_t i = 0; i < DATAGRAMS_MAX; i++)
		kernel.senders[i].nl_family = AF_NETLINK;
	memset(&rtnl, 0, sizeof(rtnl));
	rtnl.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); /* nothing goes over it */
	rtnl.is_open = rtnl.fd >= 0;
	rtnl.portid = PORTID;
	rtnl.seq = 100;
	rtnl_batch_init(&batch);
	for (int i = 0; i < 3; i++)
		rtnl_batch_end(&batch, rtnl_batch_begin(&batch, RTM_NEWLINK, 0,
							sizeof(struct ifinfomsg), "request"));
	taken = restarts = 0;
	take_errno = 0;
	return rtnl.is_open ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	rtnl_close(&rtnl);
	return 0;
}

static void assert_fault(int result, int err)
{
	assert_int_equal(result, -1);
	if (fault.step != STEP_NETWORK || fault.err != err)
		fail_msg("step %u, %s: %s", fault.step, fault.what, strerror(fault.err));
}

static int take(const struct nlmsghdr *message, void *arg)
{
	(void)message;
	(void)arg;
	taken++;
	if (take_errno == 0)
		return 0;
	errno = take_errno;
	return -1;
}

static void restart(void *arg)
{
	(void)arg;
	restarts++;
}

static int get(uint16_t flags)
{
	_Alignas(8) uint8_t bytes[64];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = flags;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	return rtnl_get(&rtnl, request, take, restart, NULL, &fault);
}

static void a_batch_is_one_send_and_one_receive(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		add_ack(answer(), 101 + i, 0, NULL);
	assert_int_equal(rtnl_send(&rtnl, &batch, &fault), 0);
	assert_int_equal(kernel.sends, 1);
	assert_int_equal(kernel.receives, 1);
	assert_int_equal(kernel.polls, 0);
}

static void all_acks_are_read_after_an_error(void **state)
{
	(void)state;
	add_ack(answer(), 101, EPERM, "no");
	add_ack(answer(), 102, 0, NULL);
	add_ack(answer(), 103, EBUSY, NULL);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), EPERM);
	assert_string_equal(fault.what, "request: no");
	assert_int_equal(kernel.received, 3);
	assert_true(rtnl.is_open);
}

static void a_silent_kernel_ends_in_a_timeout(void **state)
{
	(void)state;
	add_ack(answer(), 101, 0, NULL);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), ETIMEDOUT);
	assert_in_range(kernel.clock_us, RTNL_WAIT_MS * 1000, RTNL_WAIT_MS * 1000 + 10000);
	assert_false(rtnl.is_open);
}

static void nonsense_closes_the_socket(void **state)
{
	(void)state;
	add_ack(answer(), 99, 0, NULL);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), EBADMSG);
	assert_false(rtnl.is_open);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), EBADF);
	assert_fault(get(0), EBADF);
	assert_int_equal(kernel.sends, 1);
}

static void truncation_is_an_error(void **state)
{
	(void)state;
	kernel.is_truncated[0] = true;
	add_ack(answer(), 101, 0, NULL);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), EMSGSIZE);
	assert_false(rtnl.is_open);
}

static void a_lost_datagram_is_an_error(void **state)
{
	(void)state;
	kernel.receive_errno = ENOBUFS;
	assert_fault(rtnl_send(&rtnl, &batch, &fault), ENOBUFS);
	assert_false(rtnl.is_open);
}

static void only_the_kernel_is_heard(void **state)
{
	(void)state;
	kernel.senders[0].nl_pid = 77;
	add_ack(answer(), 101, EPERM, NULL);
	for (uint32_t i = 0; i < 3; i++)
		add_ack(answer(), 101 + i, 0, NULL);
	assert_int_equal(rtnl_send(&rtnl, &batch, &fault), 0);
}

static void a_request_without_ack_is_not_waited_for(void **state)
{
	struct nlmsghdr *message = rtnl_batch_begin(&batch, 0x10, 0, 4, "batch end");

	(void)state;
	message->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
	rtnl_batch_end(&batch, message);
	for (uint32_t i = 0; i < 3; i++)
		add_ack(answer(), 101 + i, 0, NULL);
	assert_int_equal(rtnl_send(&rtnl, &batch, &fault), 0);
	assert_int_equal(kernel.polls, 0);
}

static void a_failed_request_without_ack_ends_the_wait(void **state)
{
	(void)state;
	batch.requests[0].has_ack = false;
	add_ack(answer(), 101, EPERM, NULL);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), EPERM);
	assert_int_equal(kernel.polls, 0);
	assert_true(rtnl.is_open);
}

static void a_full_batch_is_refused(void **state)
{
	struct nlmsghdr *message = NULL;

	(void)state;
	for (int i = 0; i < RTNL_BATCH_MAX; i++) {
		message = rtnl_batch_begin(&batch, RTM_NEWLINK, 0, 4, "x");
		rtnl_batch_end(&batch, message);
	}
	assert_null(message);
	assert_int_equal(batch.count, RTNL_BATCH_MAX);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), ENOBUFS);
	assert_int_equal(kernel.sends, 0);
}

static void a_batch_without_room_is_refused(void **state)
{
	static const uint8_t data[4000];
	struct nlmsghdr *message;
	int begun = 0;

	(void)state;
	while ((message = rtnl_batch_begin(&batch, RTM_NEWLINK, 0, 4, "x"))) {
		assert_true(rtnl_batch_room(&batch) >= RTNL_REQUEST_BYTES);
		mnl_attr_put(message, 1, sizeof(data), data);
		rtnl_batch_end(&batch, message);
		begun++;
	}
	assert_in_range(begun, 6, 8);
	assert_true(batch.used <= RTNL_BATCH_BYTES);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), ENOBUFS);
}

static void an_empty_batch_sends_nothing(void **state)
{
	(void)state;
	rtnl_batch_init(&batch);
	assert_int_equal(rtnl_send(&rtnl, &batch, &fault), 0);
	assert_int_equal(kernel.sends, 0);
}

static void a_batch_can_be_sent_again(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		add_ack(answer(), 101 + i, 0, NULL);
	assert_int_equal(rtnl_send(&rtnl, &batch, &fault), 0);
	for (uint32_t i = 0; i < 3; i++)
		add_ack(answer(), 104 + i, 0, NULL);
	assert_int_equal(rtnl_send(&rtnl, &batch, &fault), 0);
}

static void a_get_has_an_answer_and_an_ack(void **state)
{
	(void)state;
	add_link(answer(), 101, 2, "eth0");
	add_ack(answer(), 101, 0, NULL);
	assert_int_equal(get(0), 0);
	assert_int_equal(taken, 1);
}

static void a_get_of_nothing_is_an_error(void **state)
{
	(void)state;
	add_ack(answer(), 101, ENODEV, NULL);
	assert_fault(get(0), ENODEV);
	assert_int_equal(taken, 0);
	assert_true(rtnl.is_open);
}

static void a_dump_comes_in_parts(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct datagram *part = answer();

		add_link(part, 101, 2 * i + 1, "a");
		add_link(part, 101, 2 * i + 2, "b");
	}
	add_done(answer(), 101, 0);
	assert_int_equal(get(NLM_F_DUMP), 0);
	assert_int_equal(taken, 6);
}

static void a_refused_dump_is_an_error(void **state)
{
	(void)state;
	add_ack(answer(), 101, EOPNOTSUPP, NULL);
	assert_fault(get(NLM_F_DUMP), EOPNOTSUPP);
	assert_int_equal(kernel.polls, 0);
}

static void take_can_stop_and_the_rest_is_read(void **state)
{
	(void)state;
	take_errno = ERANGE;
	add_link(answer(), 101, 1, "a");
	add_link(answer(), 101, 2, "b");
	add_done(answer(), 101, 0);
	assert_fault(get(NLM_F_DUMP), ERANGE);
	assert_int_equal(taken, 1);
	assert_int_equal(kernel.received, 3);
	assert_true(rtnl.is_open);
}

static void interrupt_dump(const struct nlmsghdr *request)
{
	struct datagram *part = answer();

	add_link(part, request->nlmsg_seq, 1, "a");
	add_done(part, request->nlmsg_seq, 0)->nlmsg_flags |= NLM_F_DUMP_INTR;
}

static void interrupt_dump_twice(const struct nlmsghdr *request)
{
	struct datagram *part;

	if (kernel.sends < 3) {
		interrupt_dump(request);
		return;
	}
	part = answer();
	add_link(part, request->nlmsg_seq, 1, "a");
	add_done(part, request->nlmsg_seq, 0);
}

static void an_interrupted_dump_begins_anew(void **state)
{
	(void)state;
	kernel.on_send = interrupt_dump_twice;
	assert_int_equal(get(NLM_F_DUMP), 0);
	assert_int_equal(restarts, 2);
	assert_int_equal(kernel.sends, 3);
	assert_int_equal(taken, 3);
}

static void retries_of_a_dump_are_bounded(void **state)
{
	(void)state;
	kernel.on_send = interrupt_dump;
	assert_fault(get(NLM_F_DUMP), EAGAIN);
	assert_int_equal(kernel.sends, RTNL_DUMP_TRIES);
	assert_int_equal(restarts, RTNL_DUMP_TRIES - 1);
}

static void an_endless_dump_is_ended(void **state)
{
	(void)state;
	kernel.is_endless = true;
	add_link(answer(), 101, 1, "a");
	assert_fault(get(NLM_F_DUMP), EOVERFLOW);
	assert_in_range(taken, 1000, RTNL_DATAGRAMS_MAX + 1);
	assert_false(rtnl.is_open);
}

static void an_endless_stranger_is_ended(void **state)
{
	(void)state;
	kernel.is_endless = true;
	kernel.senders[0].nl_pid = 77;
	add_ack(answer(), 101, 0, NULL);
	assert_fault(rtnl_send(&rtnl, &batch, &fault), EOVERFLOW);
	assert_false(rtnl.is_open);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_is_one_send_and_one_receive),
		TEST(all_acks_are_read_after_an_error),
		TEST(a_silent_kernel_ends_in_a_timeout),
		TEST(nonsense_closes_the_socket),
		TEST(truncation_is_an_error),
		TEST(a_lost_datagram_is_an_error),
		TEST(only_the_kernel_is_heard),
		TEST(a_request_without_ack_is_not_waited_for),
		TEST(a_failed_request_without_ack_ends_the_wait),
		TEST(a_full_batch_is_refused),
		TEST(a_batch_without_room_is_refused),
		TEST(an_empty_batch_sends_nothing),
		TEST(a_batch_can_be_sent_again),
		TEST(a_get_has_an_answer_and_an_ack),
		TEST(a_get_of_nothing_is_an_error),
		TEST(a_dump_comes_in_parts),
		TEST(a_refused_dump_is_an_error),
		TEST(take_can_stop_and_the_rest_is_read),
		TEST(an_interrupted_dump_begins_anew),
		TEST(retries_of_a_dump_are_bounded),
		TEST(an_endless_dump_is_ended),
		TEST(an_endless_stranger_is_ended),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
